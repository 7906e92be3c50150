"""The cloud's own time, which tests move on; it never runs slower than the wall clock.

States, tokens and presigned addresses follow it. The check of a signature's date does not: what signs a request
reads the real clock (see `Faults.clock_ahead_s` for a cloud whose clock is wrong).
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        return time.time() + self.ahead_s

    def advance(self, seconds: float) -> None:
        self.ahead_s += seconds

    def later(self, seconds: float, change: Callable[[], None]) -> None:
        """`change` is made by the first request that comes `seconds` or more from now."""
        heapq.heappush(self._due, (self.now() + seconds, next(self._numbers), change))

    def settle(self) -> None:
        """Make what is due. What becomes due by that waits for the next request."""
        now, due = self.now(), []
        while self._due and self._due[0][0] <= now:
            due.append(heapq.heappop(self._due)[2])
        for change in due:
            change()


def written(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(moment * 1000) % 1000:03d}Z"
