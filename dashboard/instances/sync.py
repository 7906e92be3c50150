"""What a cloud said, into rows. The only writer of observed fields.

An observation carries the time before it was asked for. An older one never overwrites a
newer one, so a slow list cannot undo what an event told us meanwhile. Nothing is believed
to be gone on incomplete evidence: it takes two complete lists, or the cloud's own word.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dashboard.clouds.interface import RemoteInstance, Status
from dashboard.live.publish import publish
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import hold, release

from .adoption import adopt, flavor_of
from .faults import told_of
from .models import Instance
from .scope import Scope, is_uuid, note

log = structlog.get_logger(__name__)
SIZES = ("vcpus", "ram_mib", "disk_gib")


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
    if remote.is_partial or not write(instance, remote, taken_at=taken_at):
        Instance.objects.filter(pk=instance.pk, seen_at__lt=taken_at).update(seen_at=taken_at)
    return instance


def record_all(scope: Scope, remotes: Iterable[RemoteInstance], *, taken_at: datetime) -> list[RemoteInstance]:
    """Write a whole list, in a few queries where little changed. Returns it; keeps what came before an error."""
    rows = Rows(scope)
    here: list[RemoteInstance] = []
    same: list[UUID] = []
    try:
        for remote in remotes:
            here.append(remote)
            instance = rows.find(remote)
            if instance is not None and (remote.is_partial or not write(instance, remote, taken_at=taken_at)):
                same.append(instance.pk)
    finally:
        for start in range(0, len(same), 500):
            unchanged = Instance.objects.filter(pk__in=same[start : start + 500])
            unchanged.filter(seen_at__lt=taken_at).update(seen_at=taken_at, missed=0)
    return here


def write(instance: Instance, remote: RemoteInstance, *, taken_at: datetime) -> bool:
    """Set what differs, unless something newer was seen. Returns whether anything differed."""
    fields = observed(remote)
    if fields["status"] == Status.ERROR and not instance.failure:
        fields |= why_in_error(instance, fields["fault"])
    elif fields["status"] in {Status.ACTIVE, Status.SHUTOFF}:
        fields["failure"], fields["failure_values"] = "", {}
    if remote.vcpus and remote.status not in {Status.BUILD, Status.DELETED}:
        fields |= {name: getattr(remote, name) for name in SIZES}
    new = {name: value for name, value in fields.items() if getattr(instance, name) != value}
    if any(name in new for name in SIZES) and (flavor := flavor_of(instance.cloud, instance.tenant, remote)):
        new["flavor"] = flavor
    if not new and instance.seen_at is not None:
        return False
    with transaction.atomic():
        newer = Instance.objects.filter(pk=instance.pk).filter(Q(seen_at=None) | Q(seen_at__lte=taken_at))
        if newer.update(**new, seen_at=taken_at) and new:
            if any(name in new for name in SIZES) or (instance.old_size and remote.status is not Status.RESIZED):
                resized(instance.pk)
            publish(instance.tenant_id, "instances", object_id=instance.pk)
            flow.wake(instance.pk)
    return True


def why_in_error(instance: Instance, fault: str) -> dict[str, Any]:
    """From what the cloud wrote on it; where that says nothing that we know, it crashed."""
    told = told_of(instance, fault)
    known = told.code != "build-error"
    return {"failure": told.code, "failure_values": told.values} if known else {"failure": "crashed"}


def resized(instance_id: UUID) -> None:
    """Its size is another than we thought: the ledger follows what is there, also above a limit."""
    instance = Instance.objects.select_related("tenant").get(pk=instance_id)
    if instance.status == Status.RESIZED or Operation.objects.open().filter(target_id=instance.pk).exists():
        hold(instance.tenant, instance.resources, holder=instance.pk)
    else:
        settle_size(instance)


def settle_size(instance: Instance) -> None:
    """No resize is open on it any more: it takes what it has."""
    instance.old_size = None
    Instance.objects.filter(pk=instance.pk).update(old_size=None)
    hold(instance.tenant, instance.resources, holder=instance.pk)


class Rows:
    """The rows of one scope in memory, by our id and by the cloud's: one query for a whole list."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        present = scope.rows().defer("public_key")
        self.by_id = {str(row.pk): row for row in present}
        self.by_remote_id = {row.remote_id: row for row in self.by_id.values() if row.remote_id}

    def find(self, remote: RemoteInstance) -> Instance | None:
        if row := self.by_remote_id.get(remote.id):
            return row
        row = self.by_id.get(remote.mark.instance_id) if remote.mark else None
        return row if row and not row.remote_id else adopt(self.scope, remote)


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
            if not closed.update(deleted_at=timezone.now(), status=Status.DELETED, **removed):
                return
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
