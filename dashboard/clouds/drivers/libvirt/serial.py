"""A guest's serial line as an asyncio stream.

libvirt calls back in its event loop's thread when there is something to read, and
asyncio's side waits for that. While MOST_PENDING bytes are unread we take nothing
from libvirt. (Its client library then collects what the guest goes on to write, so
whoever serves a reader that never comes back has to close the stream.)
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import libvirt

from ...interface import CloudError, Conflict
from . import domains
from .hypervisor import Hypervisor

CHUNK = 65536
MOST_PENDING = 4 * CHUNK
WOULD_BLOCK = -2
RETRY_S = 0.02
ENDED = libvirt.VIR_STREAM_EVENT_HANGUP | libvirt.VIR_STREAM_EVENT_ERROR
READABLE = libvirt.VIR_STREAM_EVENT_READABLE | ENDED


async def open_serial(hypervisor: Hypervisor, remote_id: str) -> SerialStream:
    """The guest's serial line; whoever had it sees the end of their stream."""
    serial = SerialStream(hypervisor)
    try:
        await asyncio.to_thread(hypervisor.run, lambda connection: serial.connect(connection, remote_id))
    except BaseException:
        serial.ended = True  # a connect that is still on its way sees this, and lets go
        raise
    return serial


class SerialStream:
    def __init__(self, hypervisor: Hypervisor) -> None:
        self.hypervisor = hypervisor
        self.loop = asyncio.get_running_loop()
        self.changed = asyncio.Event()
        self.lock = threading.Lock()  # for the four below, which libvirt's thread changes too
        self.stream: Any = None
        self.pending = bytearray()
        self.paused = False
        self.ended = False

    def connect(self, connection: libvirt.virConnect, remote_id: str) -> None:
        domain = domains.marked(connection, remote_id)
        if not domain.isActive():
            raise Conflict("the domain is not running")
        self.stream = connection.newStream(libvirt.VIR_STREAM_NONBLOCK)
        domain.openConsole(None, self.stream, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
        self.stream.eventAddCallback(READABLE, self._ready, None)
        if self.ended:
            self._let_go()

    async def read(self) -> bytes:
        while not self.pending and not self.ended:
            self.changed.clear()
            await self.changed.wait()
        with self.lock:
            chunk = bytes(self.pending[:CHUNK])
            del self.pending[:CHUNK]
            if self.paused and not self.ended and len(self.pending) < MOST_PENDING:
                self.paused = False
                self.stream.eventUpdateCallback(READABLE)
        return chunk

    async def write(self, data: bytes) -> None:
        while data and not self.ended:
            sent = await asyncio.to_thread(self._send, data[:CHUNK])
            if sent == WOULD_BLOCK:
                await asyncio.sleep(RETRY_S)
            else:
                data = data[sent:]

    async def close(self) -> None:
        with self.lock:
            was_ended, self.ended = self.ended, True
            self.pending.clear()
        self.changed.set()
        if not was_ended:
            await asyncio.to_thread(self._let_go)

    def _send(self, data: bytes) -> int:
        """How much was taken; all of it when the line has ended, which `read` tells."""
        try:
            sent: int = self.hypervisor.run(lambda connection: self.stream.send(data))
        except CloudError:
            return len(data)
        return sent

    def _ready(self, stream: libvirt.virStream, events: int, opaque: None) -> None:
        """Called in libvirt's thread, where nothing may block or raise."""
        try:
            data = stream.recv(CHUNK)
        except libvirt.libvirtError:
            data = b""
        if data == WOULD_BLOCK:
            return
        with self.lock, contextlib.suppress(libvirt.libvirtError):
            self._take(stream, data)
        with contextlib.suppress(RuntimeError):  # asyncio's loop may be closed by now
            self.loop.call_soon_threadsafe(self.changed.set)

    def _take(self, stream: libvirt.virStream, data: bytes) -> None:
        self.pending += data
        if not data:
            self.ended = True
            stream.eventRemoveCallback()
        elif len(self.pending) >= MOST_PENDING and not self.paused:
            self.paused = True
            stream.eventUpdateCallback(ENDED)

    def _let_go(self) -> None:
        with contextlib.suppress(CloudError):
            self.hypervisor.run(lambda connection: self._abort())

    def _abort(self) -> None:
        with contextlib.suppress(libvirt.libvirtError):
            self.stream.eventRemoveCallback()
        self.stream.abort()
