"""The serial console of a fake instance: a second session takes the first one's place, in any process.

It has no screen of its own; what the setting `screens` names is shown as one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import uuid

from ...interface import Conflict, ConsoleKind, ConsoleStream, Reason, Refused, Status, Unavailable
from .calls import Calls
from .mapping import to_status
from .shell import Shell
from .store import reading, writing

TAKEN_POLL_S = 0.5
CHUNK = 65536


class FakeConsoles:
    def __init__(self, calls: Calls, *, screens: str) -> None:
        self.calls = calls
        self.screens = screens

    async def open(self, remote_id: str, kind: ConsoleKind) -> ConsoleStream:
        if kind is ConsoleKind.VNC and not self.screens:
            raise Refused("the fake cloud has no screens", reason=Reason.INVALID)
        hostname = await asyncio.to_thread(self._hostname, remote_id)
        if kind is ConsoleKind.VNC:
            return await open_screen(self.screens)
        stream = FakeSerial(self.calls.path, remote_id=remote_id, shell=Shell(hostname))
        await asyncio.to_thread(stream.take_over)
        return stream

    def _hostname(self, remote_id: str) -> str:
        with self.calls.read("console") as db:
            row = db.execute(
                "SELECT * FROM servers WHERE id = ? AND place_id = ?", (remote_id, self.calls.place_id)
            ).fetchone()
            is_running = row is not None and runs(db, remote_id)
        if not is_running:
            raise Conflict(f"instance {remote_id} is not running")
        return f"fake-{remote_id[:8]}"


async def open_screen(address: str) -> FakeScreen:
    host, _, port = address.rpartition(":")
    try:
        return FakeScreen(*await asyncio.open_connection(host, int(port), limit=CHUNK))
    except OSError as error:
        raise Unavailable(f"no VNC server at {address}") from error


class FakeScreen:
    """A VNC server's connection. asyncio's own flow control holds back whichever side is too fast."""

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


class FakeSerial:
    """Backpressure: what was answered waits to be read, and `write` waits while that is too much."""

    def __init__(self, path: str, *, remote_id: str, shell: Shell) -> None:
        self.path = path
        self.remote_id = remote_id
        self.shell = shell
        self.holder = str(uuid.uuid4())
        self.pending = bytearray(shell.greet())
        self.changed = asyncio.Condition()
        self.ended = False

    def take_over(self) -> None:
        with writing(self.path) as db:
            db.execute("INSERT OR REPLACE INTO consoles VALUES (?, ?)", (self.remote_id, self.holder))

    async def read(self) -> bytes:
        async with self.changed:
            while not self.pending and not self.ended:
                await self._wait_or_look()
            chunk = bytes(self.pending[:CHUNK])
            del self.pending[:CHUNK]
            self.changed.notify_all()
            return chunk

    async def write(self, data: bytes) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.pending) < CHUNK or self.ended)
            self.pending += self.shell.typed(data)
            self.changed.notify_all()

    async def close(self) -> None:
        async with self.changed:
            self.ended = True
            self.pending.clear()
            self.changed.notify_all()

    async def _wait_or_look(self) -> None:
        """Wait for something to read; now and then see whether the instance and this session still are."""
        try:
            await asyncio.wait_for(self.changed.wait(), TAKEN_POLL_S)
        except TimeoutError:
            self.ended = self.ended or not await asyncio.to_thread(self._is_ours)

    def _is_ours(self) -> bool:
        with reading(self.path) as db:
            row = db.execute(
                "SELECT 1 FROM consoles WHERE remote_id = ? AND holder = ?", (self.remote_id, self.holder)
            ).fetchone()
            return row is not None and runs(db, self.remote_id)


def runs(db: sqlite3.Connection, remote_id: str) -> bool:
    """Whether the guest is on. One that was resized is as it was before."""
    row = db.execute("SELECT status, earlier FROM instances WHERE id = ?", (remote_id,)).fetchone()
    status = to_status(row["status"]) if row else Status.UNKNOWN
    if status is Status.RESIZED:
        status = to_status(json.loads(row["earlier"]).get("status", Status.ACTIVE))
    return status in {Status.ACTIVE, Status.RESCUE}
