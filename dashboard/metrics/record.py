"""One look at an instance into its hour, and what is over into the coarser levels. Nothing here knows a database.

A number that was reckoned between two looks is the average of the time between them, so each minute of it gets the
same. When the looks are too far apart, when the counters began anew or the clock was set, there is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dashboard.clouds.interface import RemoteUsage

from .levels import DAY, LEVELS, MINUTE_S, MINUTES, SLOTS, WIDTH, Level, empty_hour, of_minutes, of_slots
from .numbers import NAMES, Number, gaps, pack
from .rates import Counters, counters_of, rates

LATE = 2
"""Minutes by which a look may come late without anything being wrong; more, and the clock was set back."""
MOST = 120
"""Minutes that one look can tell of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is remembered of an instance between two looks."""

    taken_at: datetime
    life: str
    counters: Counters
    hour: bytes

    @property
    def minute(self) -> int:
        """The slot that is the last in `hour`."""
        return minute_of(self.taken_at)


@dataclass(slots=True)
class Change:
    """The next look, and the slots of five minutes that are over with it: `{slot: data}`."""

    look: Look
    before: int
    """The last minute of the look before."""
    over: dict[int, bytes] = field(default_factory=dict)

    @property
    def numbers(self) -> set[int]:
        """Of the pieces that have to be at hand to roll up what is over."""
        slots, found = list(self.over), {DAY.number(slot) for slot in self.over}
        for level in LEVELS[1:]:
            slots = coarser_of(slots, level, now=self.look.minute)
            found |= {level.number(slot) for slot in slots}
        return found


def minute_of(moment: datetime) -> int:
    return int(moment.timestamp()) // MINUTE_S


def first_look(usage: RemoteUsage) -> Look:
    """Nothing can be reckoned yet; the memory is known."""
    return look_of(usage, hour=empty_hour()[:-WIDTH] + minutes(usage, [None] * 5))


def look_of(usage: RemoteUsage, *, hour: bytes) -> Look:
    taken_at = usage.taken_at.astimezone(UTC)
    return Look(taken_at=taken_at, life=usage.life[:64], counters=counters_of(usage), hour=hour)


def minutes(usage: RemoteUsage, rated: list[Number], *, count: int = 1) -> bytes:
    """The same slot so many times; `rated` as rates.py gives them."""
    cpu, *others = rated
    return pack([cpu, usage.memory_used_mib, *others]) * count


def next_look(before: Look, usage: RemoteUsage, *, vcpus: int, longest_s: float) -> Change | None:
    """None for one that came twice, or late: it tells nothing new. Two in one minute are one."""
    now, seconds = minute_of(usage.taken_at), (usage.taken_at - before.taken_at).total_seconds()
    if before.minute - LATE <= now <= before.minute:
        return None
    if now < before.minute:
        return Change(look_of(usage, hour=cut(before, usage, now=now)), before=now)
    goes_on = seconds <= min(longest_s, MOST * MINUTE_S) and usage.life[:64] == before.life
    return go_on(before, usage, seconds=seconds, vcpus=vcpus) if goes_on else begin_anew(before, usage)


def go_on(before: Look, usage: RemoteUsage, *, seconds: float, vcpus: int) -> Change:
    """Every minute since the last look was alike, as far as anybody knows."""
    rated = rates(before.counters, counters_of(usage), seconds=seconds, vcpus=vcpus)
    now = minute_of(usage.taken_at)
    data = before.hour + minutes(usage, rated, count=now - before.minute)
    change = Change(look_of(usage, hour=data[-MINUTES * WIDTH :]), before=before.minute)
    change.over = five_minutes(data, before=before.minute, last=now // DAY.finer)
    return change


def begin_anew(before: Look, usage: RemoteUsage) -> Change:
    """Nobody knows what was since the last look. What was before it is over, when its five minutes are."""
    now = minute_of(usage.taken_at)
    silent = min(now - before.minute - 1, MINUTES)
    data = before.hour + gaps(silent * len(NAMES)) + minutes(usage, [None] * 5)
    change = Change(look_of(usage, hour=data[-MINUTES * WIDTH :]), before=before.minute)
    is_over = now // DAY.finer > before.minute // DAY.finer
    change.over = five_minutes(data, before=before.minute, last=before.minute // DAY.finer + is_over)
    return change


def five_minutes(data: bytes, *, before: int, last: int) -> dict[int, bytes]:
    """The slots from that of the minute `before` up to `last`, without it. `data` begins an hour before."""
    begins, found = before - MINUTES + 1, {}
    for slot in range(before // DAY.finer, last):
        start = (slot * DAY.finer - begins) * WIDTH
        found[slot] = of_minutes(data[start : start + DAY.finer * WIDTH])
    return found


def cut(before: Look, usage: RemoteUsage, *, now: int) -> bytes:
    """The clock was set back: what comes after `now` has not been yet."""
    ahead = min(before.minute - now, MINUTES)
    kept = gaps(ahead * len(NAMES)) + before.hour[: (MINUTES - ahead) * WIDTH]
    return kept[:-WIDTH] + minutes(usage, [None] * 5)


# --- coarser levels -----------------------------------------------------------------


def coarser_of(slots: list[int], level: Level, *, now: int) -> list[int]:
    """Those that the slots are parts of and that are over with the minute `now`."""
    running = now * MINUTE_S // level.step_s
    return sorted({slot // level.finer for slot in slots} - {running})


@dataclass(slots=True)
class Pieces:
    """The pieces of one instance that are at hand: `{number: (first slot, data)}`; those of `changed` were written."""

    held: dict[int, tuple[int, bytes]]
    changed: set[int] = field(default_factory=set)

    def read(self, level: Level, slot: int, count: int = 1) -> bytes:
        """`count` slots from this one on, all in one piece; gaps where the piece holds another time."""
        first, data = self.held.get(level.number(slot), (-1, b""))
        if first != slot - slot % SLOTS:
            return gaps(2 * len(NAMES) * count)
        start = slot % SLOTS * 2 * WIDTH
        return data[start : start + count * 2 * WIDTH]

    def write(self, level: Level, slot: int, slot_data: bytes) -> None:
        number, begins = level.number(slot), slot - slot % SLOTS
        first, data = self.held.get(number, (-1, b""))
        if first != begins:
            data = gaps(SLOTS * 2 * len(NAMES))
        start = slot % SLOTS * 2 * WIDTH
        self.held[number] = (begins, data[:start] + slot_data + data[start + 2 * WIDTH :])
        self.changed.add(number)

    def written(self) -> Iterator[tuple[int, int, bytes]]:
        """Number, first slot and data of each piece that was changed."""
        return ((number, *self.held[number]) for number in self.changed)


def roll_up(pieces: Pieces, over: Mapping[int, bytes], *, now: int) -> None:
    """Write the slots of five minutes that are over, and every coarser one that is over with them."""
    for slot, data in over.items():
        pieces.write(DAY, slot, data)
    slots, finer = list(over), DAY
    for level in LEVELS[1:]:
        slots = coarser_of(slots, level, now=now)
        for slot in slots:
            pieces.write(level, slot, of_slots(pieces.read(finer, slot * level.finer, level.finer)))
        finer = level
