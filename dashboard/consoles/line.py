"""One serial line of a guest, opened once in this web process and shown to everybody who looks at it.

    guest ── ConsoleStream ── Line ──┬── Seat ── browser
                                     └── Seat ── browser

The line is read as fast as the fastest of them reads: a guest that floods one slow
browser is held back, and with two the slower one leaves out what it cannot take and
is told how much. Who comes later first gets the last 64 KiB, so that the screen is
not empty.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from dashboard.clouds.interface import CloudError, ConsoleStream

SHOWN_AGAIN = 64 * 1024
MOST_PENDING = 256 * 1024
Note = dict[str, Any]
"""What is said to the page beside the bytes, as JSON."""


class Seat:
    """One browser at a line: a ConsoleStream whose bytes others get too. `read` gives notes in their place, too."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.pending: deque[bytes | Note] = deque()
        self.size = 0
        self.skipped = 0
        self.ready = asyncio.Event()
        self.is_over = False

    @property
    def is_full(self) -> bool:
        return self.size >= MOST_PENDING or self.skipped > 0

    @property
    def leads(self) -> bool:
        """The longest there: its terminal alone answers what the guest asks terminals."""
        return self.line.seats[:1] == [self]

    def put(self, data: bytes) -> None:
        if self.is_full:
            self.skipped += len(data)
            return
        self.pending.append(data)
        self.size += len(data)
        self.ready.set()

    def begin(self, shown: bytes) -> None:
        """What was on the line before it came; `replay` says how many bytes of the next message that is."""
        self.pending.append({"replay": len(shown)})
        if shown:
            self.put(shown)
        self.ready.set()

    def end(self) -> None:
        self.is_over = True
        self.ready.set()

    async def read(self) -> bytes | Note:
        """The next piece, a note in its place, or nothing at the end."""
        while not self.pending and not self.skipped and not self.is_over:
            self.ready.clear()
            await self.ready.wait()
        if not self.pending:
            if not self.skipped:
                return b""
            note: Note = {"skipped": self.skipped}
            self.skipped = 0
            self.line.room.set()
            return note
        piece = self.pending.popleft()
        self.size -= len(piece) if isinstance(piece, bytes) else 0
        self.line.room.set()
        return piece

    async def write(self, data: bytes) -> None:
        """What one types in one message stays together."""
        async with self.line.typing:
            await self.line.stream.write(data)


class Line:
    def __init__(self, stream: ConsoleStream) -> None:
        self.stream = stream
        self.seats: list[Seat] = []
        self.shown = bytearray()
        self.room = asyncio.Event()
        self.typing = asyncio.Lock()
        self.error: CloudError | None = None
        self.reader = asyncio.create_task(self._run())

    def join(self) -> Seat:
        seat = Seat(self)
        seat.begin(bytes(self.shown))
        self.seats.append(seat)
        self.room.set()
        return seat

    def leave(self, seat: Seat) -> None:
        self.seats.remove(seat)
        self.room.set()

    @property
    def is_over(self) -> bool:
        return self.reader.done()

    async def close(self) -> None:
        self.reader.cancel()
        await asyncio.gather(self.reader, return_exceptions=True)
        await self.stream.close()

    async def _run(self) -> None:
        try:
            while data := await self.stream.read():
                self._keep(data)
                for seat in self.seats:
                    seat.put(data)
                await self._room_for_more()
        except CloudError as error:
            self.error = error
        finally:
            for seat in self.seats:
                seat.end()

    def _keep(self, data: bytes) -> None:
        self.shown += data
        if len(self.shown) <= SHOWN_AGAIN:
            return
        del self.shown[:-SHOWN_AGAIN]
        # from the start of a line, not from within a character or a code
        del self.shown[: self.shown.find(b"\n") + 1]

    async def _room_for_more(self) -> None:
        """Until the fastest has taken enough."""
        while self.seats and all(seat.is_full for seat in self.seats):
            self.room.clear()
            await self.room.wait()


class Lines:
    """The serial lines that this web process holds."""

    def __init__(self) -> None:
        self.held: dict[UUID, Line] = {}
        self.locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def seat(self, instance_id: UUID, *, opening: Callable[[], Awaitable[ConsoleStream]]) -> AsyncIterator[Seat]:
        """A seat at the guest's line. Whoever comes first opens it, the last one to leave closes it."""
        lock = self.locks.setdefault(instance_id, asyncio.Lock())
        async with lock:
            line = self.held.get(instance_id)
            if line is None or line.is_over:
                line = self.held[instance_id] = Line(await opening())
            seat = line.join()
        try:
            yield seat
        finally:
            line.leave(seat)
            async with lock:
                if not line.seats and self.held.get(instance_id) is line:
                    del self.held[instance_id]
                if not line.seats:
                    await line.close()
