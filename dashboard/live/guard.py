"""Ends streams whose reader lost the right to them: removed, signed out, disabled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import Error as DatabaseError

from dashboard.tenancy.models import Role

from .lane import in_thread
from .visits import Visit, roles_of

PERIOD_S = 2.5
# With the database away nobody can say who may still read; after so long nobody may.
BLIND_S = 15.0
log = structlog.get_logger()


class Watched:
    """One stream. `over` is set once its visit holds no more."""

    def __init__(self, visit: Visit, *, role: Role) -> None:
        self.visit = visit
        self.role = role
        self.over = asyncio.Event()


class Guard:
    """Asks for all streams of this process at once, and only while there are any."""

    def __init__(self) -> None:
        self.watched: set[Watched] = set()
        self.wanted = asyncio.Event()
        self.asked_at = time.monotonic()

    @contextmanager
    def watching(self, visit: Visit, *, role: Role) -> Iterator[Watched]:
        one = Watched(visit, role=role)
        self.watched.add(one)
        self.wanted.set()
        try:
            yield one
        finally:
            self.watched.discard(one)

    async def run(self) -> None:
        while True:
            if not self.watched:
                self.wanted.clear()
                await self.wanted.wait()
                self.asked_at = time.monotonic()
            await asyncio.sleep(PERIOD_S)
            await self._ask()

    async def _ask(self) -> None:
        asked = set(self.watched)
        try:
            roles = await in_thread(roles_of, {one.visit for one in asked})
        except DatabaseError as error:
            log.warning("streams not checked", error=type(error).__name__)
            if time.monotonic() - self.asked_at < BLIND_S:
                return
            roles = {}
        self.asked_at = time.monotonic()
        for one in asked:
            held = roles.get(one.visit)
            if held is None or not held.includes(one.role):
                one.over.set()
