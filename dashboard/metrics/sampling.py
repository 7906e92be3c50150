"""Asking a cloud what its instances use, once a minute, and writing it down in few statements.

One round at a time for each cloud. A cloud that is away is not asked: its instances have a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import NamedTuple
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from dashboard.clouds.interface import CloudError, RemoteUsage, Status
from dashboard.clouds.interface import Metrics as CloudMetrics
from dashboard.clouds.models import Cloud
from dashboard.clouds.secrets import Unreadable
from dashboard.instances.models import Instance, InstanceQuerySet

from . import clock
from .models import Meter, Piece, Round
from .record import Change, Look, Pieces, first_look, next_look, roll_up

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=150)
BATCH = 2000
"""Instances whose rows are read and written together: as long as others wait for an SQLite database."""
PATIENCE = 2.5
"""Rounds that may pass between two looks at an instance; after that there is a gap."""
ANOTHER_CLOCK = "the clock was set"
"""A life that no cloud tells: the next look begins anew."""


class Target(NamedTuple):
    """An instance to ask about; no row, since there are thousands in each minute."""

    pk: UUID
    remote_id: str
    vcpus: int


def sample(cloud_id: UUID | str) -> bool:
    """One round. Returns whether the cloud answered."""
    if not Cloud.objects.filter(pk=cloud_id).exists():
        return False
    mine, _ = Round.objects.filter(cloud_id=cloud_id), Round.objects.get_or_create(cloud_id=cloud_id)
    free = Q(lease_until=None) | Q(lease_until__lte=Now())
    if not mine.filter(free).update(lease_until=Now() + LEASE, began_at=Now()):
        return False
    failure = ""
    try:
        ask(mine.select_related("cloud").get())
    except (CloudError, Unreadable) as error:
        failure = type(error).__name__
        log.warning("cloud does not tell what its instances use", cloud=str(cloud_id), error=str(error))
    finally:
        mine.update(lease_until=None, failure=failure)
    return not failure


def ask(last: Round) -> None:
    """Raises CloudError."""
    cloud, now = last.cloud, clock.reading()
    metrics = cloud.driver().metrics
    if metrics is None:
        return
    if clock.has_jumped(last.clock, now):
        Meter.objects.filter(instance__cloud=cloud).update(life=ANOTHER_CLOCK)
    wanted = targets(cloud, metrics, last)
    Round.objects.filter(pk=last.pk).update(clock=now, last_id=last.last_id, parts=last.parts)
    told = metrics.usages([target.remote_id for target in wanted])
    record(told, {target.remote_id: target for target in wanted}, longest_s=longest_s(last.parts))


def longest_s(parts: int) -> float:
    """Between two looks at one instance, that one number may tell of."""
    return PATIENCE * max(60, settings.METRICS_EVERY_S) * parts


def targets(cloud: Cloud, metrics: CloudMetrics, last: Round) -> list[Target]:
    """Those to ask about: all, or the next part of those that run. Sets where the round after this one goes on."""
    present = Instance.objects.present().filter(cloud=cloud).exclude(remote_id="").order_by("pk")
    running = present.filter(status=Status.ACTIVE)
    if metrics.most is None:
        last.last_id, last.parts = None, 1
        return targets_in(present)
    part = targets_in((running.filter(pk__gt=last.last_id) if last.last_id else running)[: metrics.most])
    last.last_id = part[-1].pk if len(part) == metrics.most else None
    last.parts = max(1, ceil(running.count() / metrics.most))
    return part


def targets_in(rows: InstanceQuerySet) -> list[Target]:
    return [Target(*fields) for fields in rows.values_list("pk", "remote_id", "vcpus")]


def record(told: Iterable[RemoteUsage], known: Mapping[str, Target], *, longest_s: float) -> None:
    """What is not ours is left out."""
    ours = [(known[usage.remote_id], usage) for usage in told if usage.remote_id in known]
    for start in range(0, len(ours), BATCH):
        record_batch(dict(ours[start : start + BATCH]), longest_s=longest_s)


def record_batch(usages: Mapping[Target, RemoteUsage], *, longest_s: float) -> None:
    before = looks_at([target.pk for target in usages])
    looks: dict[UUID, Look] = {}
    changes: dict[UUID, Change] = {}
    for target, usage in usages.items():
        last = before.get(target.pk)
        if last is None:
            looks[target.pk] = first_look(usage)
        elif change := next_look(last, usage, vcpus=target.vcpus, longest_s=longest_s):
            looks[target.pk] = change.look
            if change.over:
                changes[target.pk] = change
    with transaction.atomic():
        write_pieces(changes)
        write_looks(looks)


# --- rows -----------------------------------------------------------------------


def looks_at(ids: Sequence[UUID]) -> dict[UUID, Look]:
    found = Meter.objects.filter(instance__in=ids).values_list("pk", "taken_at", "life", "counters", "hour")
    return {
        pk: Look(taken_at=taken_at, life=life, counters=counters, hour=bytes(hour))
        for pk, taken_at, life, counters, hour in found
    }


def write_looks(looks: Mapping[UUID, Look]) -> None:
    rows = [
        Meter(instance_id=pk, taken_at=look.taken_at, life=look.life, counters=look.counters, hour=look.hour)
        for pk, look in looks.items()
    ]
    fields = ["taken_at", "life", "counters", "hour"]
    Meter.objects.bulk_create(rows, update_conflicts=True, unique_fields=["instance"], update_fields=fields)


def write_pieces(changes: Mapping[UUID, Change]) -> None:
    """Read the pieces that are touched, roll up in them, and write them back."""
    if not changes:
        return
    numbers = set().union(*(change.numbers for change in changes.values()))
    held: dict[UUID, Pieces] = {pk: Pieces({}) for pk in changes}
    touched = Piece.objects.filter(instance__in=list(changes), number__in=numbers)
    for pk, number, first, data in touched.values_list("instance", "number", "first", "data"):
        held[pk].held[number] = (first, bytes(data))
    rows = []
    for pk, change in changes.items():
        pieces = held[pk]
        roll_up(pieces, change.over, now=change.look.minute)
        rows += [
            Piece(instance_id=pk, number=n, first=pieces.held[n][0], data=pieces.held[n][1]) for n in pieces.changed
        ]
    fields = ["first", "data"]
    Piece.objects.bulk_create(rows, update_conflicts=True, unique_fields=["instance", "number"], update_fields=fields)
