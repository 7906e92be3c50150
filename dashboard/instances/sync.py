"""What a cloud said, into rows. The only writer of observed fields.

An observation carries the time before it was asked for. An older one never overwrites a
newer one, so a slow list cannot undo what an event told us meanwhile. Nothing is believed
to be gone on incomplete evidence: it takes two complete lists, or the cloud's own word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dashboard.clouds.interface import RemoteInstance, Status
from dashboard.live.publish import publish, publish_all
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import hold, release

from .adoption import adopt, adopt_all, flavor_of
from .counting import TELLING, count
from .faults import told_of_built
from .models import Instance
from .scope import Scope, is_uuid, note

log = structlog.get_logger(__name__)
RESIZING = ("instance.resize", "instance.confirm-resize", "instance.revert-resize")
SIZES = ("vcpus", "ram_mib", "disk_gib")
CALLED = ("name", "description", "tags", "metadata")
ASKED_FOR = (*CALLED, "is_locked", *SIZES)
"""What somebody changes; everything else comes about by itself."""
AT_ONCE = 200
Changed = tuple[Instance, RemoteInstance, dict[str, Any]]
"""A row, what the cloud has, and of that what was otherwise when the row was read."""


def observed(remote: RemoteInstance) -> dict[str, Any]:
    """The fields of a row that a cloud's answer sets."""
    return {
        "remote_id": remote.id,
        "name": remote.name[:255] or remote.id,
        "status": remote.status.value,
        "fault": remote.fault[:4000] if remote.status is Status.ERROR else "",
        "task": remote.task[:64],
        "addresses": list(remote.addresses),
        "host": remote.host[:255],
        "is_locked": remote.is_locked,
        "keeps_disk": remote.keeps_disk,
        "description": remote.description[:255],
        "zone": remote.zone[:255],
        "key_name": remote.key_name[:255],
        "tags": list(remote.tags),
        "metadata": dict(remote.metadata),
        "volume_ids": list(remote.volume_ids),
        "missed": 0,
    }


def record(scope: Scope, remote: RemoteInstance, *, taken_at: datetime) -> Instance | None:
    """Write one observation; tell browsers and waiting operations when it changed anything.

    Returns the row, or None when the thing is not ours to show.
    """
    instance = find_row(scope, remote)
    if instance is None:
        return None
    new = None if remote.is_partial else differences(instance, remote)
    if new is None:
        stamp([(instance, remote)], taken_at=taken_at)
    else:
        write_all([(instance, remote, new)], taken_at=taken_at)
    return instance


def record_all(scope: Scope, remotes: Iterable[RemoteInstance], *, taken_at: datetime) -> list[RemoteInstance]:
    """Write a whole list, in a few queries for each 200 of it. Returns it; keeps what came before an error."""
    rows = Rows(scope)
    here: list[RemoteInstance] = []
    strangers: list[RemoteInstance] = []
    changed: list[Changed] = []
    same: list[tuple[Instance, RemoteInstance]] = []
    try:
        for remote in remotes:
            here.append(remote)
            instance = rows.find(remote)
            if instance is None:
                strangers.append(remote)
                continue
            new = None if remote.is_partial else differences(instance, remote)
            if new is None:
                same.append((instance, remote))
            else:
                changed.append((instance, remote, new))
            if len(changed) >= AT_ONCE:
                write_all(changed, taken_at=taken_at)
                changed = []
    finally:
        write_all(changed, taken_at=taken_at)
        for start in range(0, len(strangers), AT_ONCE):
            write_adopted(scope, strangers[start : start + AT_ONCE], taken_at=taken_at)
        for start in range(0, len(same), 500):
            stamp(same[start : start + 500], taken_at=taken_at)
    return here


def write_adopted(scope: Scope, strangers: Sequence[RemoteInstance], *, taken_at: datetime) -> None:
    """What nobody asked us for, where it is the tenant's."""
    adopted = adopt_all(scope, strangers)
    if adopted:
        write_all([(one, remote, differences(one, remote) or {}) for one, remote in adopted], taken_at=taken_at)


def differences(instance: Instance, remote: RemoteInstance) -> dict[str, Any] | None:
    """The observed fields that the row has otherwise; None where there is nothing to write."""
    fields = observed(remote)
    if remote.is_unfinished:
        fields = {name: value for name, value in fields.items() if name not in CALLED}
    if fields["status"] == Status.ERROR and not instance.failure:
        told = told_of_built(instance, fields["fault"])
        fields |= {"failure": told.code, "failure_values": told.values}
    elif fields["status"] in {Status.ACTIVE, Status.SHUTOFF}:
        fields["failure"], fields["failure_values"] = "", {}
    if remote.vcpus and remote.status not in {Status.BUILD, Status.DELETED}:
        fields |= {name: getattr(remote, name) for name in SIZES}
    if remote.status is Status.RESIZED and instance.held_size and instance.confirm_by is None and deadline_s():
        fields["confirm_by"] = timezone.now() + timedelta(seconds=deadline_s())
    new = {name: value for name, value in fields.items() if getattr(instance, name) != value}
    if any(name in new for name in SIZES) and (flavor := flavor_of(instance.cloud, instance.tenant, remote)):
        new["flavor"] = flavor
    return new if new or instance.seen_at is None else None


@transaction.atomic
def stamp(same: Sequence[tuple[Instance, RemoteInstance]], *, taken_at: datetime) -> None:
    """They are as they were when we read them. What another observer wrote since then is compared once more."""
    older = Instance.objects.filter(pk__in=[instance.pk for instance, _remote in same], seen_at__lt=taken_at)
    seen = dict(older.order_by("pk").select_for_update().values_list("pk", "seen_at"))
    as_read = [one.pk for one, remote in same if remote.is_partial or seen.get(one.pk) == one.seen_at]
    older.filter(pk__in=as_read).update(seen_at=taken_at, missed=0)
    written: list[Changed] = [
        (one, remote, {}) for one, remote in same if one.pk in seen and one.pk not in set(as_read)
    ]
    if written:
        write_all(written, taken_at=taken_at)


@transaction.atomic
def write_all(changed: Sequence[Changed], *, taken_at: datetime) -> None:
    """Set what differs, unless something newer was seen; tell browsers and waiting operations.

    When a host comes back many change alike: those are one UPDATE. The rows are taken in the order of their ids,
    so that two observers never wait for each other crosswise.
    """
    older = Instance.objects.filter(pk__in=[instance.pk for instance, _remote, _new in changed])
    older = older.filter(Q(seen_at=None) | Q(seen_at__lte=taken_at)).order_by("pk")
    seen = dict(older.select_for_update().values_list("pk", "seen_at"))
    mine = [
        (instance, new if seen[instance.pk] == instance.seen_at else differences_now(instance, remote))
        for instance, remote, new in changed
        if instance.pk in seen
    ]
    alike: dict[str, tuple[dict[str, Any], list[UUID]]] = {}
    for instance, new in mine:
        alike.setdefault(repr(sorted(new.items())), (new, []))[1].append(instance.pk)
    for new, pks in alike.values():
        Instance.objects.filter(pk__in=pks).update(**new, seen_at=taken_at)
    count([one.pk for one, new in mine if seen[one.pk] is None or not TELLING.isdisjoint(new)], at=taken_at)
    told = [(instance, new) for instance, new in mine if new]
    for instance, new in told:
        status = new.get("status", instance.status)
        if any(name in new for name in SIZES) or (instance.held_size and status != Status.RESIZED):
            resized(instance.pk)
    publish_all("instances", [(instance.tenant_id, instance.pk) for instance, _new in told])
    flow.wake(*(instance.pk for instance, _new in told))
    note_changed_outside(told)


def note_changed_outside(told: Sequence[tuple[Instance, dict[str, Any]]]) -> None:
    """Into the audit trail: a name, a size and the like that are otherwise, and no operation of ours is at it.

    The last of the transaction, and the chains in order: two observers never wait for each other crosswise.
    """
    other = {instance: {name: new[name] for name in ASKED_FOR if name in new} for instance, new in told}
    other = {instance: new for instance, new in other.items() if new and instance.seen_at is not None}
    if not other:
        return
    busy = Operation.objects.open().filter(target_id__in=[instance.pk for instance in other])
    at_work = set(busy.values_list("target_id", flat=True))
    for instance in sorted(other, key=lambda instance: (str(instance.tenant_id), instance.pk)):
        if instance.pk not in at_work:
            before = {name: getattr(instance, name) for name in other[instance]}
            note(instance, "instance.changed-outside", before=before, after=other[instance])


def differences_now(instance: Instance, remote: RemoteInstance) -> dict[str, Any]:
    """Another observer wrote it since we read it: what it has of ours and what of theirs, only the row knows."""
    instance.refresh_from_db()
    return differences(instance, remote) or {}


def deadline_s() -> int:
    """How long a new size waits for its word; 0: for ever."""
    return int(settings.RESIZE_CONFIRM_S)


def resized(instance_id: UUID) -> None:
    """Its size is another than we thought: the ledger follows what is there, also above a limit."""
    instance = Instance.objects.select_related("tenant").get(pk=instance_id)
    if instance.status == Status.RESIZED or is_resizing(instance):
        hold(instance.tenant, instance.resources, holder=instance.pk, cloud_id=instance.cloud_id)
    else:
        settle_size(instance)


def is_resizing(instance: Instance) -> bool:
    """Whether an operation of ours is at it, which settles the size at its end."""
    return Operation.objects.open().filter(target_id=instance.pk, kind__in=RESIZING).exists()


def settle_size(instance: Instance) -> None:
    """No resize is open on it any more: it takes what it has."""
    instance.held_size = instance.confirm_by = None
    Instance.objects.filter(pk=instance.pk).update(held_size=None, confirm_by=None)
    hold(instance.tenant, instance.resources, holder=instance.pk, cloud_id=instance.cloud_id)


class Rows:
    """The rows of one scope in memory, by our id and by the cloud's: one query for a whole list."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        present = scope.rows().defer("public_key", "user_data")
        self.by_id = {str(row.pk): row for row in present}
        self.by_remote_id = {row.remote_id: row for row in self.by_id.values() if row.remote_id}

    def find(self, remote: RemoteInstance) -> Instance | None:
        if row := self.by_remote_id.get(remote.id):
            return row
        row = self.by_id.get(remote.mark.instance_id) if remote.mark else None
        return row if row and not row.remote_id else None


def find_row(scope: Scope, remote: RemoteInstance) -> Instance | None:
    """The row by the cloud's id; by our mark where the cloud's id is not known yet; else what is adopted now."""
    if row := scope.rows().filter(remote_id=remote.id).first():
        return row
    our_id = remote.mark.instance_id if remote.mark else ""
    row = scope.rows().filter(pk=our_id, remote_id="").first() if is_uuid(our_id) else None
    return row or adopt(scope, remote)


def record_gone(instance: Instance) -> None:
    """The cloud says that it is not there: give the quota back and close the row.

    Without an operation of ours it was removed outside, which the audit trail says.
    A launch that failed keeps its row, so that its user can read why.
    """
    with transaction.atomic():
        outside = not Operation.objects.open().filter(target_id=instance.pk).exists()
        keep = outside and not instance.remote_id and bool(instance.failure)
        if not keep:
            closed = Instance.objects.present().filter(pk=instance.pk)
            removed = {"failure": "gone"} if outside else {}
            now = timezone.now()
            if not closed.update(deleted_at=now, status=Status.DELETED, **removed):
                return
            count([instance.pk], at=now)
        release(instance.tenant, holder=instance.pk)
        publish(instance.tenant_id, "instances", object_id=instance.pk)
        if outside and not keep:
            log.info("instance was removed outside", instance=str(instance.pk), cloud=str(instance.cloud_id))
            note(instance, "instance.removed-outside")


def record_seen_gone(instance: Instance) -> None:
    """An event said so and the cloud confirmed it. An operation that is open on it finds out by itself: wake it."""
    if Operation.objects.open().filter(target_id=instance.pk).exists():
        flow.wake(instance.pk)
    else:
        record_gone(instance)
