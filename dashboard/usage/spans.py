"""Writing spans: what is seen of instances, in the transaction that writes it into their rows.

The caller holds the locks of those rows, so nobody else writes spans of the same instances meanwhile. A batch takes
the same few queries whatever its size, and one of them where nothing changed that counts.

Where a clock went back, or two changes fall into one second, a span never ends before it began: the later change
takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from dashboard.clouds.interface import Status

from .models import Counted, Span

OFF = frozenset({Status.SHUTOFF, Status.SHELVED, Status.ERROR})
"""It is there and holds its disk, and no vCPUs nor memory."""
UNTOLD = frozenset({Status.BUILD, Status.UNKNOWN})
"""Whether it runs is as it was."""
NOT_YET = UNTOLD | {Status.ERROR}
"""What never was anything else does not count: a launch that fails is not used."""
KEPT = ("tenant_id", "cloud_id", "flavor", "vcpus", "ram_mib", "disk_gib")
"""Of what was seen; with any of these another way, or running another way, a new span begins."""
NAMES = ("tenant_name", "cloud_name", "instance_name")
"""What may change without a new span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An instance as it is on its cloud now."""

    tenant_id: UUID
    tenant_name: str
    cloud_id: UUID
    cloud_name: str
    instance_name: str
    flavor: str
    vcpus: int
    ram_mib: int
    disk_gib: int
    status: str

    def is_running(self, before: Span | None) -> bool:
        """Whether vCPUs and memory count."""
        if before is not None and self.status in UNTOLD:
            return before.is_running
        return self.status not in OFF


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970, downwards."""
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))


def day_of(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def observe(seen: Mapping[UUID, Seen | None], *, at: datetime) -> None:
    """By the id of the instance; None where it is not there. In the caller's transaction, under the rows' locks."""
    second = seconds(at)
    going_on = {span.instance_id: span for span in Span.objects.filter(instance_id__in=list(seen), ended_s=None)}
    ended: list[Span] = []
    mended: list[Span] = []
    fresh: dict[UUID, Seen] = {}
    for pk, one in seen.items():
        span = going_on.get(pk)
        if span is None:
            if one is not None and one.status not in NOT_YET:
                fresh[pk] = one
        elif one is None or not is_same(span, one):
            ended.append(span)
            if one is not None:
                fresh[pk] = one
        elif rename(span, one):
            mended.append(span)
    if mended:
        Span.objects.bulk_update(mended, NAMES)
    if ended or fresh:
        forget_days_from(second)
        end(ended, second=second)
        begin(fresh, going_on, second=second)


def is_same(span: Span, one: Seen) -> bool:
    """In all that counts."""
    return span.is_running == one.is_running(span) and all(getattr(span, name) == getattr(one, name) for name in KEPT)


def rename(span: Span, one: Seen) -> bool:
    """Whether one of its names is another now, which it gets."""
    new = {name: getattr(one, name) for name in NAMES if getattr(span, name) != getattr(one, name)}
    for name, value in new.items():
        setattr(span, name, value)
    return bool(new)


def end(spans: Sequence[Span], *, second: int) -> None:
    """One UPDATE. What began in this second, or after it by another clock, was never there."""
    lasted = [span.pk for span in spans if span.began_s < second]
    if lasted:
        Span.objects.filter(pk__in=lasted, ended_s=None).update(ended_s=second)
    if len(lasted) < len(spans):
        Span.objects.filter(pk__in=[span.pk for span in spans if span.began_s >= second]).delete()


def begin(fresh: Mapping[UUID, Seen], before: Mapping[UUID, Span], *, second: int) -> None:
    """Never before the end of what was there: two queries."""
    if not fresh:
        return
    ends = dict(
        Span.objects.filter(instance_id__in=list(fresh))
        .values_list("instance_id")
        .annotate(last=Max("ended_s"))
        .order_by()
    )
    Span.objects.bulk_create(made(pk, one, before.get(pk), ends.get(pk), second) for pk, one in fresh.items())


def made(pk: UUID, one: Seen, before: Span | None, last: int | None, second: int) -> Span:
    begins = max(second, last or 0, before.began_s if before else 0)
    values = {name: getattr(one, name) for name in (*KEPT, *NAMES)}
    return Span(instance_id=pk, began_s=begins, is_running=one.is_running(before), **values)


def forget_days_from(second: int) -> None:
    """What changes on a day that is over has its sum made anew. Costs nothing today.

    Takes the lock first: a sum that is just being made would not see what is written here.
    """
    day = day_of(second)
    if day < timezone.now().astimezone(UTC).date():
        row = Counted.objects.select_for_update().filter(pk=1).first()
        if row and row.rolled_until > day:
            Counted.objects.filter(pk=1).update(rolled_until=day)
