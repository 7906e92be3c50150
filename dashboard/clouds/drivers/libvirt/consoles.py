"""Screens and serial lines of guests, through libvirt's own connection: no TCP port is opened for them."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import libvirt

from ...interface import Conflict, ConsoleKind, ConsoleStream
from . import domains
from .hypervisor import Hypervisor
from .serial import open_serial

CHUNK = 65536


class LibvirtConsoles:
    def __init__(self, hypervisor: Hypervisor) -> None:
        self.hypervisor = hypervisor

    async def open(self, remote_id: str, kind: ConsoleKind) -> ConsoleStream:
        """A serial line has one session: a second one ends the first one's stream."""
        if kind is ConsoleKind.VNC:
            return await self._open_screen(remote_id)
        return await open_serial(self.hypervisor, remote_id)

    async def _open_screen(self, remote_id: str) -> ConsoleStream:
        screen = await asyncio.to_thread(self.hypervisor.run, lambda connection: _screen(connection, remote_id))
        reader, writer = await asyncio.open_connection(sock=screen, limit=CHUNK)
        return ScreenStream(reader, writer)


class ScreenStream:
    """The guest's VNC server. asyncio's own flow control holds back whichever side is too fast."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read(self) -> bytes:
        try:
            return await self.reader.read(CHUNK)
        except OSError:
            return b""

    async def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the end is told by `read`
            self.writer.write(data)
            await self.writer.drain()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


def _screen(connection: libvirt.virConnect, remote_id: str) -> socket.socket:
    """A socket to the guest's VNC server, handed over by libvirt; only a local libvirt can do that."""
    domain = domains.marked(connection, remote_id)
    if not domain.isActive():
        raise Conflict("the domain is not running")
    return socket.socket(fileno=domain.openGraphicsFD(0, 0))
