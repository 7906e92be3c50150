"""The smallest instance of a cloud: launched, looked at, turned off and on, and removed to the last trace.

It is removed whatever goes wrong, also where the launch's answer was lost: it is looked for by our mark. What a sync
that runs beside this saw of it is closed here too, with its quota.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings

from dashboard.clouds.interface import (
    CloudError,
    Driver,
    Feature,
    LaunchSpec,
    NotFound,
    RemoteInstance,
    Status,
)
from dashboard.clouds.models import Cloud
from dashboard.instances import sync
from dashboard.instances.models import Instance
from dashboard.keypairs.public_keys import Type, generate

from .around import around
from .choosing import flavors_of, networks_for, smallest
from .left import Left, Thing
from .reading import offered
from .results import NotPossible, Result, Told, Verdict, Wrong, attempt
from .waiting import looks, several

NAME = "skydeck-check"
LOOKS = 5
LOG_S = 60.0
"""How long a guest that has just started may take for its first line."""

ALL_FLEET = "its disk is there only as long as it runs: this cloud has no image with a root volume (EBS) that fits"
NAMED_ONE_FLEETS = "its disk is there only as long as it runs: the image that was named has no root volume (EBS)"


@dataclass
class Trial:
    """`image` and `flavor` are names or ids; empty: the smallest that go together."""

    cloud: Cloud
    driver: Driver
    tenant_id: str
    left: Left
    image: str = ""
    flavor: str = ""
    within_s: float = 600.0
    instance_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    remote_id: str = ""
    public_key: str = ""
    key: Thing | None = None
    used: int | None = None
    was_asked: bool = False

    def run(self) -> Iterator[Result]:
        try:
            yield from self._live()
        finally:
            # also when the program is stopped: then nobody reads the results, and all is removed nevertheless
            ended = [*self.left.remove_all(), attempt("free what it used", self._freed)]
            ended.append(attempt("close our rows", self._close_rows))
        yield from ended

    def _live(self) -> Iterator[Result]:
        yield attempt("note what is used", self._note_used)
        launched = attempt("launch", self._launch)
        yield launched
        if launched.verdict is not Verdict.PASS:
            return
        running = attempt("wait until it runs", lambda: self._wait(Status.ACTIVE))
        yield running
        if running.verdict is not Verdict.PASS:
            return
        yield attempt("find it in the list", self._find)
        yield attempt("find its key pair", self._find_key)
        yield attempt("read its console", self._read_console)
        yield attempt("read its password", self._read_password)
        yield from around(self.driver, self.remote_id, left=self.left, within_s=self.within_s)
        yield attempt("turn it off", self._turn_off)
        yield attempt("turn it on", self._turn_on)

    # --- a life

    def _note_used(self) -> Told:
        self.used = self._used_now()
        return f"instances: {self.used}"

    def _used_now(self) -> int | None:
        limit = offered(self.driver, Feature.QUOTAS, self.driver.quotas).get().get("instances")
        if limit is None or limit.used is None:
            raise NotPossible("this cloud does not say what is used")
        return int(limit.used)

    def _launch(self) -> Told:
        spec = self._spec()
        if spec.public_key:
            self.public_key = spec.public_key
            self.key = self.left.note("remove its key pair", Thing("key pair", f"commented {NAME}", self._forget_key))
        self.was_asked = True
        thing = self.left.note("remove it", Thing("instance", f"{NAME} ({self.instance_id})", self._remove))
        self.remote_id = thing.id = self.driver.compute.create(spec).id
        return f"{self.remote_id} from {spec.image_id}: {spec.vcpus} vCPU, {spec.ram_mib} MiB, {spec.disk_gib} GiB"

    def _spec(self) -> LaunchSpec:
        images, flavors = list(self.driver.images.list()), flavors_of(self.cloud, self.driver)
        any_disk = Feature.ROOT_DISK in self.driver.features
        image, flavor = smallest(images, flavors, image=self.image, flavor=self.flavor, any_disk=any_disk)
        return LaunchSpec(
            instance_id=self.instance_id,
            tenant_id=self.tenant_id,
            operation_id="",
            name=NAME,
            image_id=image.id,
            flavor_id=flavor.id,
            vcpus=flavor.vcpus,
            ram_mib=flavor.ram_mib,
            disk_gib=max(flavor.disk_gib, image.min_disk_gib),
            networks=networks_for(self.driver),
            public_key=new_key() if Feature.PUBLIC_KEY in self.driver.features else "",
        )

    def _wait(self, wanted: Status, *, within_s: float = 0) -> Told:
        remote = self._until(lambda one: one.status in (wanted, Status.ERROR) and not one.task, within_s=within_s)
        if remote.status is not wanted:
            raise Wrong(f"it is {remote.status}: {remote.fault}")
        return str(wanted)

    def _until(self, is_so: Callable[[RemoteInstance], bool], *, within_s: float) -> RemoteInstance:
        patience_s = within_s or self.within_s
        for _ in looks(patience_s):
            remote = self.driver.compute.get(self.remote_id)
            if is_so(remote):
                return remote
        raise Wrong(f"not within {patience_s:.0f} s: it is {remote.status} {remote.task}".strip())

    def _find(self) -> Told:
        listed = next((one for one in self.driver.compute.list() if one.id == self.remote_id), None)
        marked = self.driver.compute.find(self.instance_id)
        if listed is None or marked is None or marked.id != self.remote_id:
            raise Wrong("it is not in the list, or cannot be found by our mark")
        if listed.name != NAME:
            raise Wrong(f"it is called {listed.name!r}")
        return f"with {len(listed.addresses)} addresses"

    def _find_key(self) -> Told:
        """Whether the guest lets its holder in, only somebody with the private half could say."""
        if self.key is None:
            raise NotPossible("this cloud does not offer it")
        name = self.driver.compute.get(self.remote_id).key_name
        if not name:
            raise NotPossible("this cloud does not say with which key it was launched")
        self.key.id = name
        return name

    def _read_console(self) -> Told:
        if Feature.CONSOLE_LOG not in self.driver.features:
            raise NotPossible("this cloud has no console log")
        for _ in looks(min(LOG_S, self.within_s)):
            if text := self.driver.compute.console_log(self.remote_id):
                return f"{len(text.splitlines())} lines"
        return "nothing was written to it yet"

    def _read_password(self) -> Told:
        """Encrypted with a key that nobody has. It is asked for once: Windows takes longer than anybody waits here."""
        if Feature.PASSWORD not in self.driver.features:
            raise NotPossible("this cloud does not offer it")
        if not self.driver.compute.password_data(self.remote_id):
            raise NotPossible("there is none yet: only Windows makes one, some minutes after its start")
        return "it is there, encrypted"

    def _turn_off(self) -> Told:
        self._needs_a_disk_that_stays()
        self.driver.compute.stop(self.remote_id)
        try:
            return self._wait(Status.SHUTOFF, within_s=min(settings.STOP_GRACE_S, self.within_s))
        except Wrong:  # a guest that does not listen, as the verb has it
            self.driver.compute.stop(self.remote_id, force=True)
            return f"{self._wait(Status.SHUTOFF)}, after its power was cut"

    def _turn_on(self) -> Told:
        self._needs_a_disk_that_stays()
        self.driver.compute.start(self.remote_id)
        return self._wait(Status.ACTIVE)

    def _needs_a_disk_that_stays(self) -> None:
        if Feature.START_STOP not in self.driver.features:
            raise NotPossible("this cloud does not offer it")
        if not self.driver.compute.get(self.remote_id).keeps_disk:
            raise NotPossible(NAMED_ONE_FLEETS if self.image else ALL_FLEET)

    # --- the end

    def _remove(self) -> Told:
        """Until the cloud says that there is none with our mark: an answer to the launch may have been lost."""
        for _ in looks(self.within_s):
            left = self._left_after_all()
            if not left:
                return "nothing of it is left"
            error = self._refusal_to_delete(left)
        raise error or Wrong(f"{left} is still there: remove it by hand")

    def _refusal_to_delete(self, remote_id: str) -> CloudError | None:
        try:
            self.driver.compute.delete(remote_id)
        except CloudError as error:
            return error
        return None

    def _left_after_all(self) -> str:
        """A launch that was not answered may still come about: then a few looks must agree that there is nothing."""
        if self.remote_id:
            return self._left()
        return next((left for _look in several(LOOKS) if (left := self._left())), "")

    def _left(self) -> str:
        """Its id, while it is there."""
        if marked := self.driver.compute.find(self.instance_id):
            self.remote_id = marked.id
            return marked.id
        try:
            return self.driver.compute.get(self.remote_id).id if self.remote_id else ""
        except NotFound:
            return ""

    def _forget_key(self) -> Told:
        self.driver.forget_key(self.public_key)
        return "nothing of it is left"

    def _freed(self) -> Told:
        if self.used is None or not self.was_asked:
            raise NotPossible("it was not known before")
        for _ in looks(self.within_s):
            now = self._used_now() or 0
            if now <= self.used:
                return f"instances: {now}"
        raise Wrong(f"instances: {now}, and {self.used} before; others may have launched meanwhile")

    def _close_rows(self) -> Told:
        rows = Instance.objects.present().filter(cloud=self.cloud, remote_id=self.remote_id or None)
        found = list(rows.select_related("tenant"))
        for row in found:
            sync.record_seen_gone(row)
        return f"{len(found)} were there" if found else "none was there"


def new_key() -> str:
    """Of the kind that every cloud takes. Its private half is in nobody's hands."""
    _private, public = generate(comment=NAME, type=Type.RSA)
    return public.text
