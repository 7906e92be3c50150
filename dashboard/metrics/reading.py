"""What an instance used over a span of time, for its page: two queries, whatever the span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from django.utils import timezone

from dashboard.instances.models import Instance

from .levels import DAY, LEVELS, MINUTE_S, MINUTES, MONTH, SLOTS, WEEK, WIDTH, Level, of_minutes, of_slots
from .models import Piece
from .numbers import NAMES, Number, gaps, mean, peak, unpack
from .record import Look, minute_of
from .sampling import looks_at

Held = dict[Level, dict[int, bytes]]
FRESH = 10
"""Minutes for which a look is called now."""
BLANK = gaps(2 * len(NAMES))
SPANS: dict[str, Level | None] = {"1h": None, "24h": DAY, "7d": WEEK, "30d": MONTH}
"""None: the minutes of the last hour."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of number over time. Where slots are single minutes the highest is the average."""

    average: Sequence[Number]
    highest: Sequence[Number]

    @property
    def is_known(self) -> bool:
        return any(number is not None for number in self.average)

    def part(self, start: int, end: int) -> tuple[Number, Number]:
        """Average and highest of the slots from `start` up to `end`."""
        return mean(self.average[start:end]), peak(self.highest[start:end])


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """`count` slots of `step_s` seconds each, the first of which begins at `begins`."""

    begins: datetime
    step_s: int
    lines: dict[str, Line]
    last: dict[str, Number]
    """What it uses now, whatever the span."""
    taken_at: datetime | None
    """When that was; None before the first one."""

    @property
    def has_peaks(self) -> bool:
        return self.step_s > MINUTE_S

    @property
    def is_empty(self) -> bool:
        return not any(line.is_known for line in self.lines.values())


def read(instance: Instance, span: str, *, now: datetime | None = None) -> Series:
    """`span` is a key of SPANS."""
    level, minute = SPANS[span], minute_of(now or timezone.now())
    look = looks_at([instance.pk]).get(instance.pk)
    if level is None:
        first, step_s, lines = minute - MINUTES + 1, MINUTE_S, of_hour(look, minute)
    else:
        running = minute * MINUTE_S // level.step_s
        first, step_s = running - level.count + 1, level.step_s
        lines = of_level(instance, look, level, running=running)
    return Series(
        begins=datetime.fromtimestamp(first * step_s, tz=UTC),
        step_s=step_s,
        lines=lines,
        last=last_of(look, minute=minute),
        taken_at=look.taken_at if look else None,
    )


def last_of(look: Look | None, *, minute: int) -> dict[str, Number]:
    """What holds now, in this minute; all unknown when the last look was long ago."""
    is_now = look is not None and minute - look.minute <= FRESH
    numbers = unpack(look.hour[-WIDTH:]) if look and is_now else [None] * len(NAMES)
    return dict(zip(NAMES, numbers, strict=True))


def of_hour(look: Look | None, minute: int) -> dict[str, Line]:
    """The hour that ends with `minute`: what is older than that, or by a clock that was set back later, is left out."""
    data = gaps(MINUTES * len(NAMES))
    if look:
        passed = min(max(minute - look.minute, 0), MINUTES)
        data = look.hour[passed * WIDTH :] + gaps(passed * len(NAMES))
    numbers = unpack(data)
    each = [numbers[kind :: len(NAMES)] for kind in range(len(NAMES))]
    return {name: Line(line, line) for name, line in zip(NAMES, each, strict=True)}


def of_level(instance: Instance, look: Look | None, level: Level, *, running: int) -> dict[str, Line]:
    held = held_by(instance, upto=level)
    if look:
        add_running(held, look)
    slots = range(running - level.count + 1, running + 1)
    numbers = unpack(b"".join(held[level].get(slot, BLANK) for slot in slots))
    return {
        name: Line(numbers[kind :: 2 * len(NAMES)], numbers[kind + len(NAMES) :: 2 * len(NAMES)])
        for kind, name in enumerate(NAMES)
    }


def held_by(instance: Instance, *, upto: Level) -> Held:
    """Of this level and of those below it, of which its last slot is made."""
    held: Held = {level: {} for level in LEVELS}
    below = upto.begins + upto.pieces
    for row in Piece.objects.filter(instance=instance, number__lt=below):
        level = next(level for level in reversed(LEVELS) if level.begins <= row.number)
        data = bytes(row.data)
        for position in range(SLOTS):
            held[level][row.first + position] = data[position * 2 * WIDTH : (position + 1) * 2 * WIDTH]
    return held


def add_running(held: Held, look: Look) -> None:
    """The slots that are not over yet, of what there is of them."""
    slot, begins = look.minute // DAY.finer, look.minute - MINUTES + 1
    start = (slot * DAY.finer - begins) * WIDTH
    held[DAY][slot] = of_minutes(look.hour[start:])
    for finer, level in pairwise(LEVELS):
        slot = look.minute * MINUTE_S // level.step_s
        parts = range(slot * level.finer, (slot + 1) * level.finer)
        held[level][slot] = of_slots(b"".join(held[finer].get(part, BLANK) for part in parts))
