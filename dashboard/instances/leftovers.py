"""What a complete list did not have, and what it had that should not be there any more."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import F, Q

from dashboard.clouds.interface import Conflict, Driver, NotFound, Refused, RemoteInstance
from dashboard.operations.models import Operation

from . import sync
from .models import Instance, Stray
from .scope import UNLINKED, Scope, is_uuid

log = structlog.get_logger(__name__)
LOOKS = 2


def note_missing(scope: Scope, here: list[RemoteInstance], *, taken_at: datetime) -> None:
    """Rows that the complete list did not have. What an operation works on is left to the operation.

    A list with partial rows is not complete: a part of the cloud is down, and what is not in it may be there.
    """
    if any(remote.is_partial for remote in here):
        log.warning("a part of the cloud is down; nothing is believed to be gone", cloud=scope.cloud.name)
        return
    busy = Operation.objects.open().filter(cloud=scope.cloud).values("target_id")
    known = scope.rows().exclude(pk__in=busy)
    seen = {remote.id for remote in here}
    candidates = known.filter(Q(seen_at=None) | Q(seen_at__lt=taken_at), created_at__lt=taken_at)
    missing = [pk for pk, remote_id in candidates.values_list("pk", "remote_id") if remote_id not in seen]
    for start in range(0, len(missing), 500):
        some = Instance.objects.filter(pk__in=missing[start : start + 500])
        some.update(missed=F("missed") + 1)
        for instance in some.filter(missed__gte=LOOKS).select_related("tenant"):
            sync.record_gone(instance)


def reap_strays(scope: Scope, here: list[RemoteInstance], *, driver: Driver) -> None:
    """Delete what carries the mark of a row of ours that is closed, after two looks.

    A mark without any row is only reported: after a restore from an old backup, or beside another
    Skydeck on the same cloud, deleting it would destroy somebody's machine.
    """
    marked = {r.mark.instance_id: r for r in here if r.mark and is_uuid(r.mark.instance_id)}
    # what was closed because its place was unlinked is no leftover: nobody asked for its end
    known = Instance.objects.filter(cloud=scope.cloud).exclude(failure=UNLINKED)
    known = known if scope.tenant is None else known.for_tenant(scope.tenant)
    rows = {pk: deleted_at for pk, deleted_at in known.values_list("pk", "deleted_at") if str(pk) in marked}
    strays = {str(pk): marked[str(pk)] for pk, deleted_at in rows.items() if deleted_at}
    if scope.tenant is None and len(marked) > len(rows):
        count = len(marked) - len(rows)
        log.warning("instances carry a mark that no row of ours has", cloud=scope.cloud.name, count=count)
    noted = Stray.objects.filter(cloud=scope.cloud, tenant=scope.tenant)
    noted.exclude(remote_id__in=[remote.id for remote in strays.values()]).delete()
    for remote in strays.values():
        stray, _new = Stray.objects.get_or_create(cloud=scope.cloud, tenant=scope.tenant, remote_id=remote.id)
        Stray.objects.filter(pk=stray.pk).update(looks=F("looks") + 1)
        if stray.looks + 1 >= LOOKS:
            log.warning("removing what a closed instance left behind", cloud=scope.cloud.name, remote_id=remote.id)
            driver.compute.delete(remote.id)


def carry_on_abandoned(scope: Scope, here: list[RemoteInstance], *, driver: Driver) -> None:
    """What an operation of ours had begun that does not wait for it any more, as one that was given up."""
    at_work = {remote.id for remote in here if remote.task}
    if driver.lifecycle is None or not at_work:
        return
    waited_for = Operation.objects.open().filter(cloud=scope.cloud).values("target_id")
    for remote_id in scope.rows().exclude(pk__in=waited_for).values_list("remote_id", flat=True):
        if remote_id in at_work:
            try:
                driver.lifecycle.carry_on(remote_id)
            except (Conflict, NotFound, Refused) as error:
                log.warning(
                    "what was given up went wrong", cloud=scope.cloud.name, remote_id=remote_id, error=str(error)
                )
