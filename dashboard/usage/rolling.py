"""Days that are over, summed up once: a page of a year reads a few hundred rows instead of every span."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import transaction

from .models import Counted, DayUse, Span
from .reading import ONE_DAY, UNITS, Found, counted, midnight, sums
from .spans import day_of

LATE_S = 3600
"""How long after its end a day is left alone: a look may still be on its way into the rows."""
BY = ("tenant_id", "cloud_id", "flavor")


def roll_up(*, now: datetime | None = None) -> int:
    """Every day that is over and is not summed up; returns how many. Two at once are harmless."""
    second = int((now or datetime.now(UTC)).timestamp()) - LATE_S
    row, rolled = counted(), 0
    Counted.objects.get_or_create(pk=1, defaults={"since_s": row.since_s, "rolled_until": row.rolled_until})
    day = row.rolled_until
    while day < day_of(second) and roll(day):
        day, rolled = day + ONE_DAY, rolled + 1
    return rolled


@transaction.atomic
def roll(day: date) -> bool:
    """False where somebody else just did it."""
    if not Counted.objects.filter(pk=1, rolled_until=day).update(rolled_until=day + ONE_DAY):
        return False
    DayUse.objects.filter(day=day).delete()
    DayUse.objects.bulk_create(
        (
            DayUse(day=day, **dict(zip(BY, key, strict=True)), **{name: getattr(use, name) for name in UNITS})
            for key, use in direct(day).items()
        ),
        batch_size=500,
    )
    return True


def direct(day: date) -> Found:
    """What the spans say of a day, by tenant, cloud and flavor."""
    return sums(Span.objects.all(), begin=midnight(day), end=midnight(day + ONE_DAY), by=BY)
