"""A whole cloud into rows: health, images, every instance, what is missing and what is left over."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.clouds.health import note_away, note_up
from dashboard.clouds.interface import CloudError, RemoteInstance
from dashboard.clouds.models import Cloud
from dashboard.images.sync import sync_images
from dashboard.operations import flow
from dashboard.operations.models import Operation

from . import sync
from .models import Instance, Stray

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=120)
LOOKS = 2


def sync_cloud(cloud_id: UUID | str) -> bool:
    """One full sync of one cloud; one at a time per cloud. Returns whether the cloud answered in full."""
    free = Q(sync_lease_until=None) | Q(sync_lease_until__lte=Now())
    if not Cloud.objects.filter(free, pk=cloud_id).update(sync_lease_until=Now() + LEASE):
        return False
    cloud = Cloud.objects.get(pk=cloud_id)
    try:
        ask(cloud)
    except CloudError as error:
        note_away(cloud, error)
        return False
    finally:
        Cloud.objects.filter(pk=cloud_id).update(sync_lease_until=None)
    return True


def ask(cloud: Cloud) -> None:
    """Raises CloudError at the first thing that the cloud does not answer; what was read until then is kept."""
    driver = cloud.driver()
    if note_up(cloud, driver.check(), driver.features):
        flow.wake_all(cloud)
    sync_images(cloud, driver.images.list())
    taken_at = timezone.now()
    here = sync.record_all(cloud, driver.compute.list(), taken_at=taken_at)
    note_missing(cloud, here, taken_at=taken_at)
    reap_strays(cloud, here)


def note_missing(cloud: Cloud, here: list[RemoteInstance], *, taken_at: datetime) -> None:
    """Rows that the complete list did not have. What an operation works on is left to the operation."""
    busy = Operation.objects.open().filter(cloud=cloud).values("target_id")
    known = Instance.objects.present().filter(cloud=cloud).exclude(pk__in=busy)
    seen = {remote.id for remote in here}
    candidates = known.filter(Q(seen_at=None) | Q(seen_at__lt=taken_at), created_at__lt=taken_at)
    missing = [pk for pk, remote_id in candidates.values_list("pk", "remote_id") if remote_id not in seen]
    for start in range(0, len(missing), 500):
        some = Instance.objects.filter(pk__in=missing[start : start + 500])
        some.update(missed=F("missed") + 1)
        for instance in some.filter(missed__gte=LOOKS).select_related("tenant"):
            sync.record_gone(instance)


def reap_strays(cloud: Cloud, here: list[RemoteInstance]) -> None:
    """Delete what carries the mark of a row of ours that is closed, after two looks.

    A mark without any row is only reported: after a restore from an old backup, or beside another
    Skydeck on the same cloud, deleting it would destroy somebody's machine.
    """
    marked = {r.mark.instance_id: r for r in here if r.mark and sync.is_uuid(r.mark.instance_id)}
    rows = dict(Instance.objects.filter(cloud=cloud).values_list("pk", "deleted_at"))
    rows = {pk: deleted_at for pk, deleted_at in rows.items() if str(pk) in marked}
    strays = {str(pk): marked[str(pk)] for pk, deleted_at in rows.items() if deleted_at}
    unknown = len(marked) - len(rows)
    if unknown:
        log.warning("instances carry a mark that no row of ours has", cloud=cloud.name, count=unknown)
    Stray.objects.filter(cloud=cloud).exclude(remote_id__in=[r.id for r in strays.values()]).delete()
    for remote in strays.values():
        stray, _new = Stray.objects.get_or_create(cloud=cloud, remote_id=remote.id)
        Stray.objects.filter(pk=stray.pk).update(looks=F("looks") + 1)
        if stray.looks + 1 >= LOOKS:
            log.warning("removing what a closed instance left behind", cloud=cloud.name, remote_id=remote.id)
            cloud.driver().compute.delete(remote.id)
