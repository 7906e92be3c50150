"""Everything that the streams of one web process share. Made at its start, found in `scope["state"]`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.conf import settings

from .feed import Feed
from .guard import Guard
from .seats import Seats

STREAMS_IN_ALL = 2000


class Streams:
    def __init__(self) -> None:
        self.feed = Feed()
        self.guard = Guard()
        self.seats = Seats(per_user=settings.STREAMS_PER_USER, in_all=STREAMS_IN_ALL)
        self.ending = asyncio.Event()
        """Set when the process is told to end: every stream then ends at once."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.feed.run()), asyncio.create_task(self.guard.run())]
        try:
            yield
        finally:
            self.ending.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
