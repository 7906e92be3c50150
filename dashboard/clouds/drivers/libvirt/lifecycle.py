"""The verbs beyond turning on and off. What libvirt has no word for stands in our mark: see marks.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

import libvirt

from ...interface import Conflict, Reason, Refused, Status, Verb
from . import domains, marks, rebuild, resize
from .hypervisor import CALL_S, Hypervisor
from .images import LibvirtImages
from .mapping import SUSPENDING, to_status
from .snapshots import Snapshots

LONG_S = 50
"""For what waits for a guest to shut down, or for its memory to be written."""

Answer = TypeVar("Answer")


class LibvirtLifecycle:
    def __init__(self, hypervisor: Hypervisor, *, pool: str, images: LibvirtImages, snapshots: Snapshots) -> None:
        self.hypervisor = hypervisor
        self.pool = pool
        self.images = images
        self.snapshots = snapshots

    def do(self, remote_id: str, verb: Verb) -> None:
        if verb in LOCKS:
            self._run(lambda connection: _lock(domains.marked(connection, remote_id), LOCKS[verb]))
        elif verb is Verb.CONFIRM_RESIZE:
            self._run(lambda connection: resize.confirm(connection, remote_id))
        elif verb is Verb.REVERT_RESIZE:
            self._run(lambda connection: resize.revert(connection, remote_id, pool=self.pool), timeout_s=LONG_S)
        elif verb in VERBS:
            self._run(lambda connection: _change_state(connection, remote_id, verb), timeout_s=LONG_S)
        else:
            raise _cannot()

    def rescue(self, remote_id: str, *, image_id: str = "") -> None:
        raise _cannot()

    def resize(self, remote_id: str, *, flavor_id: str, vcpus: int, ram_mib: int, disk_gib: int) -> None:
        """Whoever is shut down for it may take as long as power.GRACE_S."""
        size = resize.Size(flavor_id=flavor_id, vcpus=vcpus, ram_mib=ram_mib, disk_gib=disk_gib)
        self._run(lambda connection: resize.resize(connection, remote_id, size, pool=self.pool), timeout_s=LONG_S)

    def rebuild(self, remote_id: str, *, image_id: str) -> None:
        from_image = partial(rebuild.rebuild, remote_id=remote_id, image_id=image_id, images=self.images)
        self._run(lambda connection: from_image(connection, pool=self.pool), timeout_s=LONG_S)

    def snapshot(self, remote_id: str, *, name: str, key: str) -> str:
        return self._run(lambda connection: self.snapshots.take(connection, remote_id, name=name, key=key))

    def carry_on(self, remote_id: str) -> None:
        """Only snapshots take longer than one call."""
        self._run(lambda connection: self.snapshots.carry_on(connection, remote_id))

    # --- words

    def rename(self, remote_id: str, *, name: str) -> None:
        """What people read; the domain's own name stays."""
        self._change(remote_id, lambda domain: marks.set_attributes(domain, name=name))

    def describe(self, remote_id: str, *, description: str) -> None:
        self._change(remote_id, lambda domain: marks.set_attributes(domain, description=description))

    def set_tags(self, remote_id: str, *, tags: Iterable[str]) -> None:
        self._change(remote_id, lambda domain: marks.set_tags(domain, tags))

    def set_metadata(self, remote_id: str, *, metadata: Mapping[str, str]) -> None:
        self._change(remote_id, lambda domain: marks.set_metadata(domain, metadata))

    def _change(self, remote_id: str, change: Callable[[libvirt.virDomain], None]) -> None:
        self._run(lambda connection: change(domains.own(connection, remote_id)))

    def _run(self, work: Callable[[libvirt.virConnect], Answer], *, timeout_s: float = CALL_S) -> Answer:
        return self.hypervisor.run(work, timeout_s=timeout_s)


def _change_state(connection: libvirt.virConnect, remote_id: str, verb: Verb) -> None:
    domain = domains.own(connection, remote_id)
    if verb is Verb.SUSPEND and domains.describe(domain, host="").task == SUSPENDING:
        return
    VERBS[verb](domains.at_rest(connection, remote_id))


def _pause(domain: libvirt.virDomain) -> None:
    state = domain.state()[0]
    if state == libvirt.VIR_DOMAIN_RUNNING:
        domain.suspend()
    elif state != libvirt.VIR_DOMAIN_PAUSED:
        raise Conflict("the domain is not running")


def _unpause(domain: libvirt.virDomain) -> None:
    state = domain.state()[0]
    if state == libvirt.VIR_DOMAIN_PAUSED:
        domain.resume()
    elif state != libvirt.VIR_DOMAIN_RUNNING:
        raise Conflict("the domain is not paused")


def _suspend(domain: libvirt.virDomain) -> None:
    """Its memory is written to a file of libvirt's. It goes on also when nobody waits any more: see `task`."""
    status = to_status(*domain.state())
    if status is Status.ACTIVE:
        domain.managedSave(0)
    elif status is not Status.SUSPENDED:
        raise Conflict(f"the domain is {status}")


def _resume(domain: libvirt.virDomain) -> None:
    status = to_status(*domain.state())
    if status is Status.SUSPENDED and domain.isActive():
        domain.pMWakeup(0)
    elif status is Status.SUSPENDED:
        domain.create()
    elif status is not Status.ACTIVE:
        raise Conflict(f"the domain is {status}")


def _lock(domain: libvirt.virDomain, value: str) -> None:
    """libvirt knows no such lock: it holds for what is asked through us."""
    marks.set_attributes(domain, locked=value)


def _cannot() -> Refused:
    """Its feature is not declared."""
    return Refused("a libvirt host cannot do this", reason=Reason.INVALID)


VERBS = {Verb.PAUSE: _pause, Verb.UNPAUSE: _unpause, Verb.SUSPEND: _suspend, Verb.RESUME: _resume}
LOCKS = {Verb.LOCK: "yes", Verb.UNLOCK: ""}
