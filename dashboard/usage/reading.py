"""What was used between two days, from days that were summed up and from the spans of those that were not yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from .models import Counted, DayUse, Span
from .spans import day_of

ONE_DAY = timedelta(days=1)
UNITS = ("instance_s", "vcpu_s", "ram_mib_s", "disk_gib_s")


@dataclass(frozen=True, slots=True)
class Use:
    """Seconds of instances, and seconds times vCPUs, MiB and GiB. Exact."""

    instance_s: int = 0
    vcpu_s: int = 0
    ram_mib_s: int = 0
    disk_gib_s: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(*(getattr(self, name) + getattr(other, name) for name in UNITS))


@dataclass(frozen=True, slots=True)
class Days:
    """From the one to the other, both with it."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        for number in range((self.last - self.first).days + 1):
            yield self.first + number * ONE_DAY

    def within(self, first: date, last: date) -> Days:
        """What both have; nothing where its first day is after its last."""
        return Days(max(self.first, first), min(self.last, last))


Key = tuple[Any, ...]
Found = dict[Key, Use]


def midnight(day: date) -> int:
    """When it begins in UTC, in seconds."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def sums(spans: QuerySet[Span], *, begin: int, end: int, by: Sequence[str]) -> Found:
    """One query: of each span as much as lies between two moments."""
    lasted = Least(Coalesce(F("ended_s"), Value(end)), Value(end)) - Greatest(F("began_s"), Value(begin))
    running = Case(When(is_running=True, then=lasted), default=Value(0), output_field=BigIntegerField())
    inside = spans.filter(Q(ended_s=None) | Q(ended_s__gt=begin), began_s__lt=end)
    rows = inside.order_by().values_list(*by) if by else inside.order_by().values_list(Value(0))
    return keyed(
        rows.annotate(
            sum_instance=Sum(lasted, output_field=BigIntegerField()),
            sum_vcpu=Sum(running * F("vcpus"), output_field=BigIntegerField()),
            sum_ram=Sum(running * F("ram_mib"), output_field=BigIntegerField()),
            sum_disk=Sum(lasted * F("disk_gib"), output_field=BigIntegerField()),
        )
    )


def keyed(rows: Iterable[Any]) -> Found:
    """The last four of each are what was used. Databases may answer sums as decimals."""
    return {tuple(row[:-4]): Use(*map(int, row[-4:])) for row in rows}


def counted() -> Counted:
    """Since when, and what is summed up; not saved where nothing was counted yet."""
    found = Counted.objects.filter(pk=1).first()
    if found is None:
        began = Span.objects.order_by("began_s").values_list("began_s", flat=True).first()
        since = int(datetime.now(UTC).timestamp()) if began is None else began
        found = Counted(pk=1, since_s=since, rolled_until=day_of(since))
    return found


def uses(days: Days, *, by: Sequence[str], now_s: int, until: date, tenant_id: UUID | None = None) -> Found:
    """By any of `day`, `tenant_id`, `cloud_id`, `flavor`. `until` is the first day that is not summed up.

    At most one query, and one for each day from `until` on.
    """
    mine = {"tenant_id": tenant_id} if tenant_id else {}
    found: Found = {}
    summed = days.within(days.first, until - ONE_DAY)
    if summed.first <= summed.last:
        rows = DayUse.objects.filter(day__gte=summed.first, day__lte=summed.last, **mine).order_by()
        found = keyed(rows.values_list(*by).annotate(*(Sum(name, output_field=BigIntegerField()) for name in UNITS)))
    spans = Span.objects.filter(**mine)
    for day in days.within(until, day_of(now_s)):
        rest = [name for name in by if name != "day"]
        begin, end = midnight(day), min(midnight(day + ONE_DAY), now_s)
        for key, use in sums(spans, begin=begin, end=end, by=rest).items():
            values = dict(zip(rest, key, strict=bool(rest))) | {"day": day}
            full = tuple(values[name] for name in by)
            found[full] = found.get(full, Use()) + use
    return found


def by_instance(days: Days, *, now_s: int, tenant_id: UUID) -> Found:
    """One query over the spans: days that are summed up name no instances."""
    end = min(midnight(days.last + ONE_DAY), now_s)
    return sums(Span.objects.filter(tenant_id=tenant_id), begin=midnight(days.first), end=end, by=["instance_id"])
