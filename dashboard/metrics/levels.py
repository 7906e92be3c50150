"""How long what is remembered, and in which steps. All of it has a fixed size, whatever happens.

    the last hour      60 slots of a minute      in the instance's own row, the newest at the end
    the last day      288 slots of 5 minutes     }
    the last week     336 slots of 30 minutes    }  in pieces of 24 slots, written again when their time is over
    the last month    360 slots of 2 hours       }

A slot is a number: the time since 1970 in its level's steps. A slot of a minute holds one number of each kind, a
coarser one two: the average and the highest, so that no peak vanishes. It is made of finer ones when they are over.

Pieces, since a slot must be found without reading all and changed without writing all: a database writes whole rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from .numbers import BYTES, NAMES, gaps, mean, pack, peak, unpack

MINUTE_S = 60
MINUTES = 60
"""Slots in the last hour."""
WIDTH = len(NAMES) * BYTES
"""Bytes of a minute; a coarser slot has twice as many."""
SLOTS = 24
"""In a piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    step_s: int
    count: int
    """Slots that are shown."""
    finer: int
    """Slots of the level below that make one."""
    begins: int
    """The number of its first piece."""

    @property
    def pieces(self) -> int:
        """One more than is shown, since the newest is never full."""
        return self.count // SLOTS + 1

    def number(self, slot: int) -> int:
        """Of the piece that holds the slot."""
        return self.begins + slot // SLOTS % self.pieces


DAY = Level(step_s=300, count=288, finer=5, begins=0)
WEEK = Level(step_s=1800, count=336, finer=6, begins=13)
MONTH = Level(step_s=7200, count=360, finer=4, begins=28)
LEVELS = (DAY, WEEK, MONTH)
PIECES = 44
"""That an instance can have, of all levels together."""

assert [level.begins for level in LEVELS] == [0, DAY.pieces, DAY.pieces + WEEK.pieces]
assert MONTH.begins + MONTH.pieces == PIECES


def of_minutes(data: bytes) -> bytes:
    """One coarser slot out of slots of a minute, one after another."""
    numbers, kinds = unpack(data), len(NAMES)
    each = [numbers[kind::kinds] for kind in range(kinds)]
    return pack([*map(mean, each), *map(peak, each)])


def of_slots(data: bytes) -> bytes:
    """One coarser slot out of slots that have averages and highest numbers themselves."""
    numbers, kinds = unpack(data), len(NAMES)
    averages = [mean(numbers[kind :: 2 * kinds]) for kind in range(kinds)]
    return pack([*averages, *(peak(numbers[kind :: 2 * kinds]) for kind in range(kinds, 2 * kinds))])


def empty_piece() -> bytes:
    return gaps(SLOTS * len(NAMES) * 2)


def empty_hour() -> bytes:
    return gaps(MINUTES * len(NAMES))
