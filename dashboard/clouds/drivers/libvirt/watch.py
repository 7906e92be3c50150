"""Changes as libvirt tells them.

The event loop's thread only notes which domain it was: a call to libvirt from
there would wait for that same thread. The caller's thread asks for the rest.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import libvirt

from ...interface import Change, Unavailable
from . import domains
from .errors import is_gone
from .hypervisor import Hypervisor

EVENTS = (
    libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
    libvirt.VIR_DOMAIN_EVENT_ID_REBOOT,
    libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
)
LOOK_S = 0.5
"""How soon a stop or a lost connection is seen."""


def changes(hypervisor: Hypervisor, *, stop: threading.Event) -> Iterator[Change]:
    """What changes from this call on: it listens from now, not from the first `next`."""
    return hypervisor.run(lambda connection: Ears(hypervisor, connection)).hear(stop)


class Ears:
    def __init__(self, hypervisor: Hypervisor, connection: libvirt.virConnect) -> None:
        self.hypervisor = hypervisor
        self.connection = connection
        self.heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.callbacks = [connection.domainEventRegisterAny(None, event, self._note, None) for event in EVENTS]

    def hear(self, stop: threading.Event) -> Iterator[Change]:
        try:
            while not stop.is_set():
                for remote_id in self._next():
                    yield self._change(remote_id)
        finally:
            self._forget()

    def _note(self, connection: libvirt.virConnect, domain: libvirt.virDomain, *details: Any) -> None:
        self.heard.put(domain.UUIDString())

    def _next(self) -> set[str]:
        """Each domain once that something happened to, after at most LOOK_S."""
        try:
            found = {self.heard.get(timeout=LOOK_S)}
        except queue.Empty:
            self._raise_if_lost()
            return set()
        while not self.heard.empty():
            found.add(self.heard.get())
        return found

    def _change(self, remote_id: str) -> Change:
        return self.hypervisor.run(lambda connection: _look(connection, remote_id))

    def _raise_if_lost(self) -> None:
        try:
            alive = self.connection.isAlive()
        except libvirt.libvirtError as error:
            raise Unavailable(str(error)) from error
        if not alive:
            raise Unavailable("the connection was lost")

    def _forget(self) -> None:
        for callback in self.callbacks:
            try:
                self.connection.domainEventDeregisterAny(callback)
            except libvirt.libvirtError:
                return  # the connection is gone, and they with it


def _look(connection: libvirt.virConnect, remote_id: str) -> Change:
    domain = domains.existing(connection, remote_id)
    try:
        instance = domains.describe(domain, host=connection.getHostname()) if domain else None
    except libvirt.libvirtError as error:
        if not is_gone(error):
            raise
        instance = None
    return Change(remote_id=remote_id, instance=instance)
