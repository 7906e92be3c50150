"""Pause and unpause: what libvirt offers of the other verbs without a word to the guest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import libvirt

from ...interface import Conflict, Reason, Refused, Verb
from . import domains
from .hypervisor import Hypervisor


class LibvirtLifecycle:
    def __init__(self, hypervisor: Hypervisor) -> None:
        self.hypervisor = hypervisor

    def do(self, remote_id: str, verb: Verb) -> None:
        if verb not in (Verb.PAUSE, Verb.UNPAUSE):
            raise _cannot()
        change = _pause if verb is Verb.PAUSE else _unpause
        self.hypervisor.run(lambda connection: change(domains.own(connection, remote_id)))

    # The features of what follows are not declared.

    def rescue(self, remote_id: str, *, image_id: str = "") -> None:
        raise _cannot()

    def resize(self, remote_id: str, *, flavor_id: str) -> None:
        raise _cannot()

    def rebuild(self, remote_id: str, *, image_id: str) -> None:
        raise _cannot()

    def snapshot(self, remote_id: str, *, name: str, key: str) -> str:
        raise _cannot()

    def rename(self, remote_id: str, *, name: str) -> None:
        raise _cannot()

    def set_tags(self, remote_id: str, *, tags: Iterable[str]) -> None:
        raise _cannot()

    def set_metadata(self, remote_id: str, *, metadata: Mapping[str, str]) -> None:
        raise _cannot()


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


def _cannot() -> Refused:
    return Refused("a libvirt host cannot do this", reason=Reason.INVALID)
