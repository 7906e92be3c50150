"""The serial console of a fake instance. A second session takes the first one's place, in any process."""

from __future__ import annotations

import asyncio
import uuid

from ...interface import Conflict, ConsoleKind, ConsoleStream, Reason, Refused, Status
from .calls import Calls
from .mapping import to_instance
from .shell import Shell
from .store import reading, writing

TAKEN_POLL_S = 0.5
CHUNK = 65536


class FakeConsoles:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    async def open(self, remote_id: str, kind: ConsoleKind) -> ConsoleStream:
        if kind is not ConsoleKind.SERIAL:
            raise Refused("the fake cloud has no screens", reason=Reason.INVALID)
        hostname = await asyncio.to_thread(self._hostname, remote_id)
        stream = FakeSerial(self.calls.path, remote_id=remote_id, shell=Shell(hostname))
        await asyncio.to_thread(stream.take_over)
        return stream

    def _hostname(self, remote_id: str) -> str:
        with self.calls.read("console") as db:
            row = db.execute(
                "SELECT * FROM servers WHERE id = ? AND place_id = ?", (remote_id, self.calls.place_id)
            ).fetchone()
        if row is None or to_instance(row).status is not Status.ACTIVE:
            raise Conflict(f"instance {remote_id} is not active")
        return f"fake-{remote_id[:8]}"


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
                "SELECT 1 FROM consoles JOIN instances ON instances.id = remote_id"
                " WHERE remote_id = ? AND holder = ? AND status = 'ACTIVE'",
                (self.remote_id, self.holder),
            ).fetchone()
        return row is not None
