"""All consoles that are open in one web process: who else looks, and what has ended them.

The rows of all of them are read at once, a second apart, however many are open.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import Error as DatabaseError

from dashboard.instances.models import Instance
from dashboard.live.lane import in_thread

from . import viewings
from .endings import Ended
from .line import Lines
from .models import Viewing
from .tickets import Console, judged

LOOK_S = 1.0
BEAT_S = 5.0
log = structlog.get_logger()


class Open:
    """One open console. `end` is set once the rows say that it is over."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.end: Ended | None = None
        self.is_over = asyncio.Event()
        self.company: list[str] = []
        """Who else has it open, by name."""
        self.news = asyncio.Event()

    def found(self, seen: Seen) -> None:
        console = self.console
        instance, viewing = seen.instances.get(console.instance.pk), seen.viewings.get(console.viewing.pk)
        self.end = judged(console, instance=instance, viewing=viewing)
        if self.end is not None:
            self.is_over.set()
        there = seen.around.get((console.instance.pk, console.kind.value), [])
        company = [name for pk, name in there if pk != console.viewing.pk]
        if company != self.company:
            self.company = company
            self.news.set()


@dataclass(frozen=True, slots=True)
class Seen:
    instances: dict[UUID, Instance]
    viewings: dict[int, Viewing]
    around: dict[tuple[UUID, str], list[tuple[int, str]]]


def look(consoles: Collection[Console], *, beats: bool) -> Seen:
    """Three queries for all, and the sign of life where it is due."""
    ids = {console.viewing.pk for console in consoles}
    if beats:
        viewings.beat(ids)
    instances = {console.instance.pk for console in consoles}
    return Seen(
        instances=Instance.objects.in_bulk(instances),
        viewings=Viewing.objects.in_bulk(ids),
        around=viewings.around(instances),
    )


class Desk:
    def __init__(self) -> None:
        self.process = secrets.token_hex(8)
        self.lines = Lines()
        self.open: set[Open] = set()
        self.hurry = asyncio.Event()
        self.beat_at = 0.0

    @contextmanager
    def watching(self, console: Console) -> Iterator[Open]:
        one = Open(console)
        self.open.add(one)
        self.hurry.set()
        try:
            yield one
        finally:
            self.open.discard(one)
            self.hurry.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run(self) -> None:
        while True:
            self.hurry.clear()
            if self.open:
                await self._look()
            with suppress(TimeoutError):  # not wait_for: see live/stream.py
                async with asyncio.timeout(LOOK_S if self.open else None):
                    await self.hurry.wait()

    async def _look(self) -> None:
        now = time.monotonic()
        beats = now - self.beat_at >= BEAT_S
        there = set(self.open)
        try:
            seen = await in_thread(look, [one.console for one in there], beats=beats)
        except DatabaseError as error:  # live/guard.py ends everything when that lasts
            log.warning("consoles not checked", error=type(error).__name__)
            return await asyncio.sleep(LOOK_S)
        self.beat_at = now if beats else self.beat_at
        for one in there:
            one.found(seen)
