"""The way to a libvirt host: one connection per process and URI, and every call guarded.

libvirt's event loop must be registered before the first connection is opened, and
neither it nor a connection survives a fork; so both are made at the first call.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import libvirt

from .deadline import Deadline
from .errors import to_error

Answer = TypeVar("Answer")

CALL_S = 15
KEEPALIVE_S, KEEPALIVE_COUNT = 5, 2
"""A host that is silent for 15 s is given up by libvirt itself, which frees the calls that are stuck."""
MOST_STUCK_CALLS = 16


@dataclass(slots=True)
class Link:
    """This process's connection to one URI, and the calls that are on their way."""

    uri: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    deadline: Deadline = field(default_factory=lambda: Deadline(limit=MOST_STUCK_CALLS))
    connection: libvirt.virConnect | None = None

    def open(self) -> libvirt.virConnect:
        with self.lock:
            if self.connection is None or not _is_alive(self.connection):
                self.connection = None  # the old one is closed by its last user's reference
                self.connection = _open(self.uri)
            return self.connection


_links: dict[str, Link] = {}
_links_lock = threading.Lock()
_loop_pid = 0


class Hypervisor:
    """Safe to share between threads."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def run(self, work: Callable[[libvirt.virConnect], Answer], *, timeout_s: float = CALL_S) -> Answer:
        """What `work` returns. libvirt's errors become ours; no answer in time is Unavailable."""
        link = _link(self.uri)
        return link.deadline.within(timeout_s, lambda: _guarded(link, work))

    def aside(self, work: Callable[[libvirt.virConnect], Answer]) -> Answer:
        """The same without an end to waiting, for a thread of the caller's own that nobody waits for."""
        return _guarded(_link(self.uri), work)

    def close(self) -> None:
        """Let go of the connection. Whoever still needs one gets a new one."""
        with _links_lock:
            _links.pop(self.uri, None)


def _guarded(link: Link, work: Callable[[libvirt.virConnect], Answer]) -> Answer:
    try:
        return work(link.open())
    except libvirt.libvirtError as error:
        raise to_error(error) from error


def _link(uri: str) -> Link:
    with _links_lock:
        _start_event_loop()
        return _links.setdefault(uri, Link(uri))


def _start_event_loop() -> None:
    global _loop_pid
    if _loop_pid == os.getpid():
        return
    if _loop_pid:
        raise RuntimeError("libvirt was used before this process was forked; connect after the fork")
    _loop_pid = os.getpid()
    libvirt.registerErrorHandler(lambda context, error: None, None)  # else it writes to stderr
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=_run_event_loop, name="libvirt-events", daemon=True).start()


def _run_event_loop() -> None:
    while True:
        with contextlib.suppress(libvirt.libvirtError):  # without this thread no connection lives long
            libvirt.virEventRunDefaultImpl()


def _open(uri: str) -> libvirt.virConnect:
    connection = libvirt.open(uri)
    try:
        connection.setKeepAlive(KEEPALIVE_S, KEEPALIVE_COUNT)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:  # the test driver has no other side
            raise
    return connection


def _is_alive(connection: libvirt.virConnect) -> bool:
    try:
        return bool(connection.isAlive())
    except libvirt.libvirtError:
        return False
