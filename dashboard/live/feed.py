"""From the rows of events to whoever listens: one reader per web process, however many browsers.

PostgreSQL may commit an id after a larger one. So each look reads the last 10 s
again (at most 2,048 ids back), and what was seen already is left out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import Error as DatabaseError
from django.db.models import Max, Q
from django.utils import timezone

from .lane import in_thread
from .models import Event

PERIOD_S = 0.25
WINDOW_S = 10.0
WINDOW_IDS = 2048
START_TIMEOUT_S = 10.0
REPLAY_S = 15.0
"""What is older than this was on the page already when the browser asked for the stream."""
REPLAY_EVENTS = 512
PENDING = 512
FIELDS = ("id", "tenant_id", "topic", "object_id", "user_id")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Change:
    id: int
    tenant_id: UUID | None
    topic: str
    object_id: str
    user_id: int | None = None
    """The only person who is told."""


class Subscriber:
    """What one browser has still to be told: each thing once, at most 512 things, else only "look at all"."""

    def __init__(self, tenant_id: UUID | None, user_id: int | None = None) -> None:
        self.tenant_id = tenant_id
        """None hears of every tenant."""
        self.user_id = user_id
        self.pending: dict[tuple[str, str], Change] = {}
        self.must_resync = False
        self.ready = asyncio.Event()
        self.newest = 0
        self.replayed: set[int] = set()
        """What the feed may find as well; it is told once."""

    def start(self, newest: int, missed: list[Change] | None) -> None:
        """`newest` is the id to come back with; `missed` is None when nobody can say what was."""
        self.newest = newest
        if missed is None:
            self.resync()
        for change in missed or []:
            self.put(change)
        self.replayed = {change.id for change in missed or []}

    def hears(self, change: Change) -> bool:
        """Whether it is for this browser."""
        if change.user_id not in (None, self.user_id):
            return False
        return self.tenant_id is None or change.tenant_id in (None, self.tenant_id)

    def put(self, change: Change) -> None:
        if change.id in self.replayed:
            return
        self.pending[change.topic, change.object_id] = change
        if len(self.pending) > PENDING:
            self.resync()
        self.ready.set()

    def resync(self) -> None:
        self.pending.clear()
        self.must_resync = True
        self.ready.set()

    def take(self) -> tuple[bool, list[Change]]:
        """Whether to look at all again, and the changes since then, by id."""
        must_resync, changes = self.must_resync, sorted(self.pending.values(), key=lambda change: change.id)
        self.must_resync = False
        self.pending.clear()
        self.ready.clear()
        return must_resync, changes


class Feed:
    def __init__(self) -> None:
        self.subscribers: set[Subscriber] = set()
        self.wanted = asyncio.Event()
        self.is_looking = asyncio.Event()
        self.seen: dict[int, float] = {}
        self.floor: int | None = None
        """Ids up to here are never read again. None: not looking."""

    @asynccontextmanager
    async def listening(self, tenant_id: UUID | None, user_id: int | None = None) -> AsyncIterator[Subscriber]:
        """From its beginning on, nothing that is committed is missed. Raises TimeoutError without a database."""
        subscriber = Subscriber(tenant_id, user_id)
        self.subscribers.add(subscriber)
        self.wanted.set()
        try:
            await asyncio.wait_for(self.is_looking.wait(), START_TIMEOUT_S)
            yield subscriber
        finally:
            self.subscribers.discard(subscriber)

    async def run(self) -> None:
        while True:
            if not self.subscribers:
                self.floor = None
                self.is_looking.clear()
                self.wanted.clear()
                await self.wanted.wait()
            try:
                await self._look()
                await asyncio.sleep(PERIOD_S)
            except DatabaseError as error:
                log.warning("events not read", error=type(error).__name__)
                await asyncio.sleep(1)

    async def _look(self) -> None:
        if self.floor is None:
            newest = await in_thread(newest_id)
            self.floor, self.seen = newest - WINDOW_IDS, {}
            old = await in_thread(changes_after, self.floor)
            self.seen = {change.id: time.monotonic() for change in old if change.id <= newest}
            self.is_looking.set()
        for change in await in_thread(changes_after, self.floor):
            if change.id not in self.seen:
                self.seen[change.id] = time.monotonic()
                self._tell(change)
        self._forget()

    def _tell(self, change: Change) -> None:
        for subscriber in self.subscribers:
            if subscriber.hears(change):
                subscriber.put(change)

    def _forget(self) -> None:
        """Raise the floor to the largest id that was seen long enough ago, or lies too far back."""
        assert self.floor is not None
        too_old = time.monotonic() - WINDOW_S
        oldest_kept = max(self.seen, default=0) - WINDOW_IDS
        done = [id for id, at in self.seen.items() if at < too_old or id <= oldest_kept]
        self.floor = max([self.floor, *done])
        for id in done:
            del self.seen[id]


def newest_id() -> int:
    return Event.objects.aggregate(newest=Max("id"))["newest"] or 0


def changes_after(id: int) -> list[Change]:
    rows = Event.objects.filter(id__gt=id).order_by("id")
    return [Change(*row) for row in rows.values_list(*FIELDS)]


def replay(
    tenant_id: UUID | None, last_id: int | None, *, user_id: int | None = None
) -> tuple[int, list[Change] | None]:
    """The newest id, and what a browser that comes (back) may have missed. None: too much or too long ago to say."""
    newest = newest_id()
    if last_id is not None and not (last_id == newest or Event.objects.filter(id=last_id).exists()):
        return newest, None
    recent = Q(at__gt=timezone.now() - timedelta(seconds=REPLAY_S))
    since = recent if last_id is None else recent | Q(id__gt=last_id)
    whose = Q() if tenant_id is None else Q(tenant_id=tenant_id) | Q(tenant_id=None)
    whose &= Q(user_id=None) | Q(user_id=user_id)
    mine = Event.objects.filter(whose).filter(since).order_by("id")
    rows = list(mine.values_list(*FIELDS)[: REPLAY_EVENTS + 1])
    return newest, None if len(rows) > REPLAY_EVENTS else [Change(*row) for row in rows]
