"""Ringing again for every operation that wants attention and may not have got it."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models.functions import Now
from django.utils import timezone

from . import flow
from .models import OPEN, Operation
from .presence import is_dead

log = structlog.get_logger(__name__)
AT_ONCE = 500


def reconcile() -> int:
    """Ring for what is due; returns for how many. Called every second, by any number of workers."""
    free_leases_of_the_dead()
    due = Operation.objects.filter(state__in=OPEN, lease_until__lte=Now(), ring_after__lte=Now())
    rung = 0
    for pk, rings in list(due.order_by("ring_after").values_list("pk", "rings")[:AT_ONCE]):
        # Twice as long after each ring without a claim: 656 messages once piled up behind one hung pool.
        pause = min(300, 5 * 2 ** min(rings, 6))
        if due.filter(pk=pk, rings=rings).update(rings=rings + 1, ring_after=Now() + timedelta(seconds=pause)):
            flow.ring(pk)
            rung += 1
    return rung


def free_leases_of_the_dead() -> None:
    """A worker of this machine that was killed does not keep its operations until their lease is over."""
    held = Operation.objects.filter(state__in=OPEN, lease_until__gt=Now()).exclude(lease_owner="")
    for name in set(held.order_by().values_list("lease_owner", flat=True)):
        if is_dead(name):
            theirs = held.filter(lease_owner=name)
            theirs.filter(waiting_for="").update(waiting_for="worker-gone", waiting_since=timezone.now())
            freed = theirs.update(lease_until=Now(), ring_after=Now(), lease_owner="")
            log.warning("took operations back from a process that is gone", owner=name, operations=freed)
