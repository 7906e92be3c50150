"""How many streams one person, and everybody together, may hold open in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Full(Exception):
    """No seat is left."""


class Seats:
    def __init__(self, *, per_user: int, in_all: int) -> None:
        self.per_user = per_user
        self.in_all = in_all
        self.taken: Counter[int] = Counter()

    @contextmanager
    def taking(self, user_id: int) -> Iterator[None]:
        """Raises Full beyond either limit."""
        if self.taken[user_id] >= self.per_user or self.taken.total() >= self.in_all:
            raise Full
        self.taken[user_id] += 1
        try:
            yield
        finally:
            self.taken[user_id] -= 1
            if not self.taken[user_id]:
                del self.taken[user_id]
