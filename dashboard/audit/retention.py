"""Removing what is older than it has to be kept, from the beginning of each chain.

What is left still follows: from the chain's anchor, which is the digest of the last entry that was removed, and
which an entry of its own names. So an anchor that somebody made up is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import Chain, Entry
from .record import record
from .verify import REMOVAL

AT_ONCE = 2000
"""Entries in one transaction: their tenant waits for so many at most."""


def remove_older(days: int) -> int:
    """How many were removed. With 0 days everything is kept. Two at once are harmless."""
    if not days:
        return 0
    border = timezone.now() - timedelta(days=days)
    names = list(Entry.objects.filter(at__lt=border).order_by().values_list("chain", flat=True).distinct())
    return sum(remove_all(name, border=border, days=days) for name in names)


def remove_all(name: str, *, border: datetime, days: int) -> int:
    removed = 0
    while some := remove_some(name, border=border, days=days):
        removed += some
    return removed


@transaction.atomic
def remove_some(name: str, *, border: datetime, days: int) -> int:
    if not Chain.objects.filter(name=name).update(length=F("length")):  # holds the chain until the end
        return 0
    first = list(Entry.objects.filter(chain=name).order_by("number").only("number", "at", "verb", "digest")[:AT_ONCE])
    old = list(takewhile(lambda entry: entry.at < border, first))
    if all(entry.verb == REMOVAL for entry in old):  # for what was written here alone nothing more is written
        return 0
    Entry.objects.filter(chain=name, number__lte=old[-1].number).delete()
    Chain.objects.filter(name=name).update(removed=old[-1].number, anchor=old[-1].digest)
    note(name, old, days=days)
    return len(old)


def note(name: str, old: Sequence[Entry], *, days: int) -> None:
    first, last = old[0], old[-1]
    record(
        REMOVAL,
        actor="system",
        tenant="" if name == "installation" else name,
        object_kind="audit",
        object_id=name,
        object_name=f"{first.number}-{last.number}",
        outcome="done",
        after={"first": first.number, "last": last.number, "digest": last.digest, "days": days},
    )
