"""The bell: what came of a person's own operations in a tenant. Read from the operations; only `read until` is kept.

What was asked for at once is one entry: fifty launches are one line, which leads to the page of all fifty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max
from django.utils import timezone

from dashboard.tenancy.access import Actor

from .batches import COUNTS, results
from .models import Batch, BellMark, Operation, OperationQuerySet

KEPT = 100
KEPT_FOR = timedelta(days=30)
SHOWN = 12
"""In the popover; the page has all that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One operation, or a batch of several with how many of them came to what end."""

    state: str
    finished_at: datetime
    """Of a batch: when the last of those that ended did."""
    is_unread: bool
    operation: Operation | None = None
    batch: Batch | None = None
    number: int = 1

    @property
    def pk(self) -> UUID:
        thing = self.operation or self.batch
        assert thing is not None
        return thing.pk

    @property
    def results(self) -> str:
        """`48 done, 2 failed`; empty for a single operation."""
        return results(self.batch) if self.batch else ""


class Bell:
    """The newest first, never more than `KEPT`: four queries at most, whatever there is."""

    def __init__(self, actor: Actor) -> None:
        mark = BellMark.objects.filter(user=actor.user, tenant=actor.tenant).first()
        self.read_until: datetime | None = mark.read_until if mark else None
        batches = batches_of(actor)
        alone = [batch.pk for batch in batches if batch.number == 1]  # type: ignore[attr-defined]
        operations = list(ended_for(actor).filter(batch=None)[:KEPT])
        if alone:
            operations += ended_for(actor).filter(batch__in=alone)
        entries = [self.entry_of(operation) for operation in operations]
        entries += [self.entry_of_many(batch) for batch in batches if batch.pk not in alone]
        self.entries = sorted(entries, key=lambda entry: entry.finished_at, reverse=True)[:KEPT]

    def entry_of(self, operation: Operation) -> Entry:
        assert operation.finished_at is not None
        return Entry(
            operation=operation,
            state=operation.state,
            finished_at=operation.finished_at,
            is_unread=self.is_unread(operation.finished_at),
        )

    def entry_of_many(self, batch: Batch) -> Entry:
        """`batch` is one of `batches_of`."""
        state = next(name for name in ("failed", "cancelled", "done") if getattr(batch, name))
        at: datetime = batch.finished_at  # type: ignore[attr-defined]
        number: int = batch.number  # type: ignore[attr-defined]
        return Entry(batch=batch, state=state, finished_at=at, is_unread=self.is_unread(at), number=number)

    def is_unread(self, finished_at: datetime) -> bool:
        return self.read_until is None or finished_at > self.read_until

    @property
    def unread(self) -> int:
        return sum(entry.is_unread for entry in self.entries)

    @property
    def failed(self) -> int:
        """Of those that are unread."""
        return sum(entry.is_unread and entry.state == "failed" for entry in self.entries)

    @property
    def shown(self) -> list[Entry]:
        return self.entries[:SHOWN]

    @property
    def newest(self) -> datetime | None:
        """Up to here "mark all as read" reads: what comes while the page is open stays unread."""
        return self.entries[0].finished_at if self.entries else None


def ended_for(actor: Actor) -> OperationQuerySet:
    mine = Operation.objects.for_tenant(actor.tenant).filter(requested_by=actor.user)
    return mine.filter(finished_at__gt=timezone.now() - KEPT_FOR).order_by("-finished_at")


def batches_of(actor: Actor) -> list[Batch]:
    """The person's last ones of which something ended, with their counts: `number` and those of COUNTS."""
    mine = Batch.objects.filter(tenant=actor.tenant, requested_by=actor.user)
    last = mine.filter(created_at__gt=timezone.now() - KEPT_FOR).order_by("-created_at").values("pk")[:KEPT]
    counts = {name: Count("operations", filter=which) for name, which in COUNTS.items()}
    ended = Max("operations__finished_at", filter=~COUNTS["open"])
    counted = Batch.objects.filter(pk__in=last).order_by()
    counted = counted.annotate(number=Count("operations"), finished_at=ended, **counts)
    return list(counted.filter(finished_at__isnull=False))
