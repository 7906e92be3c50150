"""Undo delete: an instance that is deleted is turned off and hidden, and for a while it can be restored.

    listed ──delete──▶ hidden until `delete_at` ──its time is over, or "delete now"──▶ removed, its quota free
       ▲                  │
       └─────restore──────┘

`delete_at` in the row is all there is: each of the three arrows is one conditional UPDATE of it, so of two that are
taken at once exactly one finds the row. What goes on in the cloud is the work of operations (deleting.py).
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from dashboard.clouds.interface import Feature, Status
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.tenancy.access import System

from .launching import is_built
from .models import Instance
from .refusals import last

AT_ONCE = 500


def window() -> timedelta:
    return timedelta(seconds=settings.UNDO_DELETE_S)


def can_be_undone(instance: Instance, under_way: Operation | None) -> bool:
    """Whether deleting it leaves time to restore it. What never was, or is only being made, is gone at once."""
    if not window() or not instance.remote_id or (under_way is not None and under_way.verb == "launch"):
        return False
    return instance.status not in {Status.BUILD, Status.ERROR} or not is_stillborn(instance)


def is_stillborn(instance: Instance) -> bool:
    """Whether its launch ended before it was up: nobody can have anything on it."""
    launch = Operation.objects.filter(target_id=instance.pk, kind="instance.launch").first()
    return launch is not None and not launch.is_open and not is_built(launch)


# --- the arrows: in the caller's transaction, each returns the arguments of its operation ---------------


def hide(instance: Instance, under_way: Operation | None) -> dict[str, Any]:
    """Raises AlreadyUnderWay when somebody else has just done so."""
    if not can_be_undone(instance, under_way):
        return {"now": True}
    mine = Instance.objects.listed().filter(pk=instance.pk)
    if not mine.update(delete_at=Now() + window()):
        raise flow.AlreadyUnderWay
    is_up = instance.status == Status.ACTIVE
    ran = under_way.verb == "start" if under_way and under_way.verb in {"start", "stop"} else is_up
    may_run = is_up or bool(instance.task) or under_way is not None
    return {"ran": ran, "stop": may_run and instance.keeps_disk and instance.cloud.can(Feature.START_STOP)}


def bring_back(instance: Instance) -> dict[str, Any]:
    """Raises AlreadyUnderWay when its time is over, or somebody else was quicker."""
    mine = Instance.objects.restorable().filter(pk=instance.pk, delete_at__gt=Now())
    if not mine.update(delete_at=None):
        raise flow.AlreadyUnderWay
    waiting = Instance.objects.filter(pk=instance.pk, confirm_by__lt=Now() + window())
    waiting.update(confirm_by=Now() + window())  # a new size that was to be confirmed meanwhile can still go back
    deletion = last(instance, "delete", ended=False)
    return {"start": bool(deletion and deletion.arguments.get("ran"))}


def end(instance: Instance, *, only_hidden: bool) -> dict[str, Any]:
    """Its time is over now. One that was not hidden stays in sight until the cloud has removed it.

    `only_hidden`: asked for where it was shown as deleted. Raises AlreadyUnderWay when it was restored meanwhile.
    """
    if only_hidden and not instance.is_hidden:
        raise flow.AlreadyUnderWay
    if instance.is_hidden and not Instance.objects.restorable().filter(pk=instance.pk).update(delete_at=Now()):
        raise flow.AlreadyUnderWay
    return {}


# --- the clock ----------------------------------------------------------------------------------------


def remove_due() -> int:
    """Begin to remove what could be restored until now; returns how many. Rung by the clock, twice is harmless."""
    being_removed = Operation.objects.open().filter(kind="instance.delete-now").values("target_id")
    due = Instance.objects.restorable().filter(delete_at__lte=Now()).exclude(pk__in=being_removed)
    return sum(remove(pk) for pk in list(due.order_by("delete_at").values_list("pk", flat=True)[:AT_ONCE]))


def remove(instance_id: UUID) -> bool:
    """As the system, on behalf of whoever deleted it. Whether it was us who began."""
    try:
        with transaction.atomic():
            under_way = Operation.objects.open().select_for_update().filter(target_id=instance_id).first()
            mine = Instance.objects.restorable().filter(pk=instance_id, delete_at__lte=Now())
            if (under_way and under_way.verb != "delete") or not mine.update(delete_at=F("delete_at")):
                return False
            if under_way:  # the guest is still being turned off, or the cloud is away
                flow.cancel(under_way)
            instance = Instance.objects.select_related("cloud", "tenant").get(pk=instance_id)
            as_system(instance, "delete-now", asked_by=last(instance, "delete", ended=False))
    except flow.AlreadyUnderWay:
        return False
    return True


def as_system(instance: Instance, verb: str, *, asked_by: Operation | None) -> Operation:
    """Begin what a deadline asks for. Whoever set it is told what came of it."""
    operation = flow.start(
        f"instance.{verb}",
        actor=System(tenant=instance.tenant, user=asked_by.requested_by if asked_by else None),
        cloud=instance.cloud,
        target_id=instance.pk,
        target_name=instance.name,
        key=str(uuid.uuid4()),
    )
    flow.changed(operation)
    return operation
