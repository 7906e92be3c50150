"""Asking often where something is under way, and only there.

A place in which an operation is open, or on whose instances the cloud itself is at work, is asked every
half second for what changed: one call for a place, however many instances change in it.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import structlog
from django.db import DatabaseError, connections

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.operations.models import Operation

from .inventory import sync_account
from .models import Instance

log = structlog.get_logger(__name__)
EVERY_S = 0.5
LOOK_FOR_CLOUDS_EVERY = 20
AT_ONCE = 8


def follow_places(stop: threading.Event) -> None:
    """Until `stop` is set. A place whose last answer is still awaited is not asked again."""
    asked: dict[UUID, Future[bool]] = {}
    rounds, clouds = 0, list[UUID]()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="follow") as pool:
        while not stop.wait(EVERY_S):
            try:
                if rounds % LOOK_FOR_CLOUDS_EVERY == 0:
                    clouds = clouds_with_changes()
                rounds += 1
                for pk in places_at_work(clouds):
                    if pk not in asked or asked[pk].done():
                        asked[pk] = pool.submit(ask, pk)
            except DatabaseError as error:
                log.warning("database does not answer", error=str(error))
                connections.close_all()
    connections.close_all()


def clouds_with_changes() -> list[UUID]:
    return [
        cloud.pk for cloud in Cloud.objects.filter(is_draft=False) if cloud.has_places and cloud.can(Feature.CHANGES)
    ]


def places_at_work(clouds: list[UUID]) -> list[UUID]:
    """The accounts with an open operation, or with an instance on which the cloud is at work."""
    if not clouds:
        return []
    ours = Operation.objects.open().filter(cloud__in=clouds).values_list("cloud_id", "tenant_id")
    theirs = Instance.objects.present().filter(cloud__in=clouds).exclude(task="").values_list("cloud_id", "tenant_id")
    pairs = set(ours) | set(theirs)
    if not pairs:
        return []
    accounts = CloudAccount.objects.filter(cloud__in=clouds).exclude(cursor="").exclude(sealed="")
    return [a.pk for a in accounts.only("pk", "cloud_id", "tenant_id") if (a.cloud_id, a.tenant_id) in pairs]


def ask(account_id: UUID) -> bool:
    try:
        return sync_account(account_id, only_instances=True)
    except Exception:  # the edge of the thread: the next round asks again
        log.exception("following a place failed", account=str(account_id))
        return False
    finally:
        connections.close_all()
