"""Listening to the clouds that tell of changes as they happen. One thread per cloud, in the scheduler's process."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import structlog
from django.db import close_old_connections, connections
from django.utils import timezone

from dashboard.clouds.interface import Change, CloudError, Feature
from dashboard.clouds.models import Cloud, CloudAccount

from . import sync
from .inventory import sync_account, sync_cloud
from .models import Instance
from .scope import Scope

log = structlog.get_logger(__name__)
LOOK_FOR_CLOUDS_S = 10
AGAIN_AFTER_S = 3


def watch_clouds(stop: threading.Event) -> None:
    """Keep one listener running for each cloud that has events, also for clouds added later."""
    listeners: dict[UUID, threading.Thread] = {}
    while not stop.is_set():
        close_old_connections()
        for pk in Cloud.objects.filter(is_draft=False).values_list("pk", flat=True):
            if pk not in listeners or not listeners[pk].is_alive():
                listeners[pk] = threading.Thread(target=listen, args=(pk, stop), daemon=True, name=f"watch-{pk}")
                listeners[pk].start()
        stop.wait(LOOK_FOR_CLOUDS_S)
    connections.close_all()


def listen(cloud_id: UUID, stop: threading.Event) -> None:
    """Sync once, so that what happened before is known, then write each change as it comes; again when it breaks."""
    tells = True
    while not stop.is_set():
        try:
            if tells:
                sync_cloud(cloud_id)
            cloud = Cloud.objects.get(pk=cloud_id)
            if (tells := cloud.can(Feature.EVENTS)) and not cloud.is_away:
                for change in cloud.driver().compute.watch(stop):
                    close_old_connections()
                    take(cloud, change)
        except Cloud.DoesNotExist:
            break
        except CloudError as error:
            log.warning("cloud stopped telling of changes", cloud=str(cloud_id), error=error.detail)
        except Exception:  # the edge of the thread: it must go on listening
            log.exception("listening to a cloud failed", cloud=str(cloud_id))
        finally:
            connections.close_all()
        stop.wait(AGAIN_AFTER_S if tells else LOOK_FOR_CLOUDS_S)


def take(cloud: Cloud, change: Change) -> None:
    """One change into its row. What is said to be gone is asked for once more before we believe it."""
    if change.place_id:
        take_place(cloud, change.place_id)
        return
    if change.instance is not None:
        sync.record(Scope(cloud), change.instance, taken_at=timezone.now())
        return
    instance = Instance.objects.present().filter(cloud=cloud, remote_id=change.remote_id).first()
    if instance is not None and cloud.driver().compute.find(str(instance.pk)) is None:
        sync.record_seen_gone(instance)


def take_place(cloud: Cloud, place_id: str) -> None:
    """Something changed in a tenant's place: ask what, also where another look is under way that began too early."""
    account = CloudAccount.objects.filter(cloud=cloud, remote_id=place_id).first()
    for _attempt in range(10):
        if account is None or sync_account(account.pk, only_instances=True):
            return
        time.sleep(0.2)
