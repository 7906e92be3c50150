"""A whole cloud, or one tenant's place on it, into rows: health, sizes, images, networks, instances.

sync_cloud     a cloud without places: all of it
               a cloud with places: its health, then a bell for each place
sync_account   one place: all of it, or, while that is not too old, only what changed
"""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.clouds.health import note_account_away, note_account_up, note_away, note_up
from dashboard.clouds.interface import CloudError, Driver, Feature, Status
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.secrets import Unreadable
from dashboard.images.sync import sync_images
from dashboard.networks.sync import sync_networks, sync_ports
from dashboard.operations import flow

from . import sync
from .flavors import sync_flavors
from .leftovers import carry_on_abandoned, note_missing, reap_strays
from .models import Instance
from .placing import sync_placing
from .scope import Scope, scope_of

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=120)
REST = 19
"""How many times as long as a look took the cloud, the database and the pages are left alone by the next."""


def sync_cloud(cloud_id: UUID | str) -> bool:
    """One sync of one cloud; one at a time per cloud. Returns whether the cloud answered in full."""
    free = Q(sync_lease_until=None) | Q(sync_lease_until__lte=Now())
    if not Cloud.objects.filter(free, pk=cloud_id, is_draft=False).update(sync_lease_until=Now() + LEASE):
        return False
    cloud, began = Cloud.objects.get(pk=cloud_id), time.monotonic()
    try:
        ask(cloud)
    except CloudError as error:
        note_away(cloud, error)
        return False
    except Unreadable as error:
        note_away(cloud, CloudError(str(error)))
        return False
    finally:
        rest = REST * timedelta(seconds=time.monotonic() - began)
        Cloud.objects.filter(pk=cloud_id).update(sync_lease_until=None, rest_until=Now() + rest)
    return True


def due() -> QuerySet[Cloud]:
    """Those that have rested: all but the large ones have long before the next round."""
    return Cloud.objects.filter(Q(rest_until=None) | Q(rest_until__lte=Now()), is_draft=False)


def ask(cloud: Cloud) -> None:
    """Raises CloudError at the first thing that the cloud does not answer; what was read until then is kept."""
    driver = cloud.driver()
    if note_up(cloud, driver.check(), driver.features):
        flow.wake_all(cloud)
    if cloud.has_places:
        for pk in cloud.accounts.exclude(sealed="").values_list("pk", flat=True):
            ring_account(pk)
    else:
        take_all(Scope(cloud), driver)


def ring_account(account_id: UUID) -> None:
    current_app.send_task("instances.sync_account", (str(account_id),), retry=False, expires=60)


def take_all(scope: Scope, driver: Driver) -> str:
    """Everything of a scope. Returns the cursor from which changes can be asked for, where the cloud has those."""
    cloud, tenant = scope.cloud, scope.tenant
    if driver.flavors:
        sync_flavors(cloud, driver.flavors.list(), tenant=tenant)
    sync_images(cloud, driver.images.list(), tenant=tenant)
    sync_placing(scope, driver)
    if driver.networks:
        sync_networks(cloud, driver.networks, tenant=tenant)
    taken_at = timezone.now()
    remotes, cursor = driver.compute.list(), ""
    if driver.history and Feature.CHANGES in driver.features:
        changes = driver.history.changes("")
        remotes, cursor = iter(changes.instances), changes.cursor
    here = sync.record_all(scope, remotes, taken_at=taken_at)
    note_missing(scope, here, taken_at=taken_at)
    reap_strays(scope, here, driver=driver)
    carry_on_abandoned(scope, here, driver=driver)
    return cursor


# --- places ----------------------------------------------------------------------


def sync_account(account_id: UUID | str, *, only_instances: bool = False) -> bool:
    """One sync of one place; one at a time for each. Returns whether it answered.

    Only what changed, where the cloud can say so and the last complete look is younger than FULL_SYNC_S.
    `only_instances` leaves out the addresses: one call.
    """
    free = Q(sync_lease_until=None) | Q(sync_lease_until__lte=Now())
    mine = CloudAccount.objects.filter(pk=account_id)
    if not mine.filter(free).exclude(sealed="").update(sync_lease_until=Now() + LEASE):
        return False
    account = mine.select_related("cloud", "tenant").get()
    try:
        ask_account(account, only_instances=only_instances)
    except CloudError as error:
        note_account_away(account, error)
        return False
    except Unreadable as error:
        note_account_away(account, CloudError(str(error)))
        return False
    finally:
        mine.update(sync_lease_until=None)
    return True


def ask_account(account: CloudAccount, *, only_instances: bool) -> None:
    """Raises CloudError; what was read until then is kept."""
    scope, driver = Scope(account.cloud, account.tenant), account.driver()
    taken_at = timezone.now()
    old = taken_at - timedelta(seconds=settings.FULL_SYNC_S)
    if account.cursor and account.full_at and account.full_at > old:
        cursor = take_changes(scope, driver, cursor=account.cursor)
        if driver.networks and not only_instances:
            sync_ports(account.cloud, driver.networks, tenant=account.tenant)
        came_back = note_account_up(account, driver.features, seen_at=taken_at, cursor=cursor)
    else:
        cursor = take_all(scope, driver)
        came_back = note_account_up(account, driver.features, seen_at=taken_at, cursor=cursor, full_at=taken_at)
    if came_back:
        flow.wake_all(account.cloud, tenant=account.tenant)


def take_changes(scope: Scope, driver: Driver, *, cursor: str) -> str:
    """What changed since the cursor; returns the next one. A deletion here is the cloud's own word about that one."""
    assert driver.history is not None
    taken_at = timezone.now()
    changes = driver.history.changes(cursor)
    for remote in changes.instances:
        if remote.status is not Status.DELETED:
            sync.record(scope, remote, taken_at=taken_at)
        elif instance := scope.rows().filter(remote_id=remote.id).select_related("tenant").first():
            sync.record_seen_gone(instance)
    return changes.cursor


def refresh(instance: Instance) -> None:
    """Ask about one instance now, and write what is said. Raises CloudError."""
    taken_at = timezone.now()
    remote = instance.cloud.driver_for(instance.tenant_id).compute.get(instance.remote_id)
    sync.record(scope_of(instance), remote, taken_at=taken_at)
