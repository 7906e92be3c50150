"""Proving that spans are whole, and that sums of days are those of their spans."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Window
from django.db.models.functions import Lag

from .models import DayUse, Span
from .reading import ONE_DAY, UNITS, counted, keyed
from .rolling import BY, direct


def overlapping() -> Iterator[str]:
    """Spans that begin before the one before them has ended: two of an instance never count at once."""
    earlier = Window(Lag("ended_s"), partition_by=F("instance_id"), order_by=F("began_s").asc())
    first = Window(Lag("began_s"), partition_by=F("instance_id"), order_by=F("began_s").asc())
    rows = Span.objects.annotate(end=earlier, begin=first).values_list("instance_id", "began_s", "begin", "end")
    for pk, began, before, ended in rows.order_by("instance_id", "began_s").iterator():
        if before is not None and (ended is None or ended > began):
            yield f"instance {pk}: what begins at {began} overlaps what began at {before}"


def differing_days() -> Iterator[str]:
    """Days whose sum is not what their spans add up to."""
    until = counted().rolled_until
    for day in DayUse.objects.filter(day__gte=until).values_list("day", flat=True).distinct().order_by("day"):
        yield f"{day} is summed up, and is said not to be"
    first = DayUse.objects.order_by("day").values_list("day", flat=True).first()
    day = first or until
    while day < until:
        if keyed(DayUse.objects.filter(day=day).values_list(*BY, *UNITS)) != direct(day):
            yield f"{day}: the sum is not what its spans add up to"
        day += ONE_DAY
