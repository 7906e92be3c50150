"""Instances: made, found, turned on and off, deleted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from ...interface import (
    Change,
    CloudError,
    Conflict,
    LaunchSpec,
    Mark,
    NotFound,
    Reason,
    Refused,
    RemoteInstance,
    Status,
    Unavailable,
)
from . import keypairs, tags
from .ec2 import Ec2
from .images import EucalyptusImages, missing
from .instances import Instances, check
from .launch import request_of, tags_of
from .session import Session

IMAGE_CODES = ("InvalidAMIID",)
TOO_SMALL = ("InvalidParameterCombination", "InvalidBlockDeviceMapping")
TAG_TRIES, TAG_PAUSE_S = 3, 0.5
GONE_TYPE = "InvalidInstanceType.NotFound"
NOT_RUNNING = "NotRunning: an instance that does not run has written nothing that the cloud could tell"


class EucalyptusCompute:
    def __init__(self, session: Session, ec2: Ec2, instances: Instances, images: EucalyptusImages) -> None:
        self.session, self.ec2, self.instances, self.images = session, ec2, instances, images

    def list(self) -> Iterator[RemoteInstance]:
        return self.instances.list()

    def get(self, remote_id: str) -> RemoteInstance:
        return self.instances.get(remote_id)

    def find(self, instance_id: str) -> RemoteInstance | None:
        """The oldest that carries our id."""
        found = self.instances.marked(instance_id)
        return min(found, key=lambda one: (str(one.created_at), one.id), default=None)

    def create(self, spec: LaunchSpec) -> RemoteInstance:
        """Our id is the create token: asked again, the cloud answers with what it made the first time."""
        pairs, image = tags_of(spec), self.images.one(spec.image_id)
        key_name = keypairs.ensure(self.ec2, spec.public_key) if spec.public_key else ""
        at_once = self.session.release != "4.4"
        request = request_of(spec, image=image, key_name=key_name, has_vpc=self.session.has_vpc, tags_at_once=at_once)
        try:
            remote_id = self._run(request)
        except Refused as error:
            raise self._of_type(error, spec.flavor_id) from None
        if not at_once:
            self._tag(remote_id, pairs)
        return self._made(remote_id, spec)

    def _run(self, request: dict[str, object]) -> str:
        try:
            instances = self.ec2.call("run_instances", **request)["Instances"]
        except (NotFound, Conflict) as error:
            raise of_launch(error) from None
        except Refused as error:
            if error.reason is Reason.INVALID and error.detail.startswith(TOO_SMALL):
                raise Refused(error.detail, reason=Reason.IMAGE_TOO_LARGE, source="ec2", http_status=400) from None
            raise
        return str(instances[0]["InstanceId"])

    def _of_type(self, error: Refused, name: str) -> Refused:
        """Whatever the cloud says of a type that it does not offer any more: its list tells.

        Asked after the refusal and not before: types go at any moment, and what was launched already stays found.
        """
        if error.reason not in (Reason.INVALID, Reason.OTHER):
            return error
        try:
            offered = {flavor.id for flavor in self.instances.flavors.list()}
        except CloudError:
            return error
        if name in offered:
            return error
        detail = f"{GONE_TYPE}: {error.detail}"
        return Refused(detail, reason=Reason.INVALID, request_id=error.request_id, source="ec2", http_status=400)

    def _tag(self, remote_id: str, pairs: dict[str, str]) -> None:
        """Before 5.x tags come in a call of their own. It may be repeated, and without it only the token tells."""
        for last in (*[False] * (TAG_TRIES - 1), True):
            try:
                self.ec2.call("create_tags", Resources=[remote_id], Tags=tags.as_list(pairs))
            except (Unavailable, NotFound) as error:
                if last:
                    raise Unavailable(error.detail, source="ec2", http_status=error.http_status) from None
                time.sleep(TAG_PAUSE_S)
            else:
                return

    def _made(self, remote_id: str, spec: LaunchSpec) -> RemoteInstance:
        """What was made may take a moment until it is told of; one that ended at once had no room."""
        try:
            return self.get(remote_id)
        except Unavailable:
            mark = Mark(tenant_id=spec.tenant_id, instance_id=spec.instance_id, operation_id=spec.operation_id)
            return RemoteInstance(
                id=remote_id,
                name=spec.name,
                status=Status.BUILD,
                mark=mark,
                vcpus=spec.vcpus,
                ram_mib=spec.ram_mib,
                disk_gib=spec.disk_gib,
            )
        except NotFound as error:
            raise Refused(error.detail, source="ec2") from None

    def start(self, remote_id: str) -> None:
        self._ask(remote_id, "start_instances", is_there=lambda one: one.status in (Status.ACTIVE, Status.BUILD))

    def stop(self, remote_id: str, *, force: bool = False) -> None:
        """Raises Refused for an instance whose disk does not outlast its run."""
        self._ask(
            remote_id,
            "stop_instances",
            is_there=lambda one: one.status is Status.SHUTOFF or one.task == "powering-off",
            **({"Force": True} if force else {}),
        )

    def reboot(self, remote_id: str, *, hard: bool = False) -> None:
        """EC2 has one reboot: the guest is asked, and after a while not asked any more."""
        status = self.get(remote_id).status
        if status is Status.SHUTOFF and hard:
            return self.start(remote_id)
        if status is not Status.ACTIVE:
            raise Conflict(f"IncorrectInstanceState: {remote_id} does not run", source="ec2")
        self.ec2.call("reboot_instances", InstanceIds=[remote_id])
        return None

    def delete(self, remote_id: str) -> None:
        """Its root volume goes with it. Key pairs stay: others use them."""
        try:
            check(remote_id)
            self.ec2.call("terminate_instances", InstanceIds=[remote_id])
        except NotFound:
            return

    def console_log(self, remote_id: str, *, max_bytes: int = 65536) -> str:
        """Raises Conflict for an instance that does not run: of such the cloud tells nothing."""
        text = self._told(remote_id, "get_console_output", "Output")
        return text.encode()[-max_bytes:].decode(errors="ignore")

    def password_data(self, remote_id: str) -> str:
        """Eucalyptus picks it out of the console's output. Raises Conflict as that does."""
        return self._told(remote_id, "get_password_data", "PasswordData").strip()

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        raise Unavailable("this cloud does not tell of changes", source="ec2")

    def _told(self, remote_id: str, operation: str, key: str) -> str:
        """What an instance has said, of which the cloud tells only while it runs."""
        if self.get(remote_id).status is not Status.ACTIVE:
            raise Conflict(NOT_RUNNING, source="ec2")
        try:
            return str(self.ec2.call(operation, InstanceId=remote_id).get(key) or "")
        except CloudError as error:
            if "running" in error.detail and error.http_status == 500:  # it stopped in this moment
                raise Conflict(NOT_RUNNING, source="ec2", http_status=500) from None
            raise

    def _ask(
        self, remote_id: str, operation: str, *, is_there: Callable[[RemoteInstance], bool], **how: object
    ) -> None:
        """Asking for what holds already is success. Raises Conflict where its state does not allow it."""
        check(remote_id)
        if is_there(self.get(remote_id)):
            return
        try:
            self.ec2.call(operation, InstanceIds=[remote_id], **how)
        except Conflict:
            if not is_there(self.get(remote_id)):
                raise


def of_launch(error: CloudError) -> Refused:
    """What the launch named is not there, or has been taken by another: to wait for it is no help."""
    code = getattr(error, "code", "")
    if code.startswith(IMAGE_CODES):
        return missing(error.detail)
    return Refused(error.detail, reason=Reason.INVALID, source="ec2", http_status=error.http_status)
