"""Changes as libvirt tells them.

The event loop's thread only notes which domain it was: a call to libvirt from
there would wait for that same thread. The caller's thread asks for the rest.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

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
    return hypervisor.run(lambda connection: Listener(hypervisor, connection)).hear(stop)


class Ears:
    """One per connection, since libvirt refuses to tell one connection of the same thing twice."""

    def __init__(self, connection: libvirt.virConnect) -> None:
        self.listeners: set[queue.SimpleQueue[str]] = set()
        for event in EVENTS:
            connection.domainEventRegisterAny(None, event, self._note, None)

    def _note(self, connection: libvirt.virConnect, domain: libvirt.virDomain, *details: Any) -> None:
        for listener in tuple(self.listeners):
            listener.put(domain.UUIDString())


# weak, and ears know nothing of their connection, so that both go when it is replaced
_ears: WeakKeyDictionary[libvirt.virConnect, Ears] = WeakKeyDictionary()
_ears_lock = threading.Lock()


def _ears_of(connection: libvirt.virConnect) -> Ears:
    with _ears_lock:
        if connection not in _ears:
            _ears[connection] = Ears(connection)
        return _ears[connection]


class Listener:
    def __init__(self, hypervisor: Hypervisor, connection: libvirt.virConnect) -> None:
        self.hypervisor = hypervisor
        self.connection = connection
        self.heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.listeners = _ears_of(connection).listeners
        self.listeners.add(self.heard)

    def hear(self, stop: threading.Event) -> Iterator[Change]:
        try:
            while not stop.is_set():
                for remote_id in self._next():
                    yield self._change(remote_id)
        finally:
            self.listeners.discard(self.heard)

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


def _look(connection: libvirt.virConnect, remote_id: str) -> Change:
    domain = domains.existing(connection, remote_id)
    try:
        instance = domains.describe(domain, host=connection.getHostname()) if domain else None
    except libvirt.libvirtError as error:
        if not is_gone(error):
            raise
        instance = None
    return Change(remote_id=remote_id, instance=instance)
