"""What happened to an instance: our operations, and what the cloud remembers that others did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dashboard.clouds.interface import CloudError, Feature, RemoteAction
from dashboard.live.publish import publish
from dashboard.operations.models import Operation
from dashboard.operations.words import kind_label

from .models import CloudAction, Instance
from .words import ACTIONS, OTHER_ACTIONS, Text

FRESH = timedelta(seconds=30)
SLACK = timedelta(seconds=20)
"""How far our clock and the cloud's may differ."""
MOST = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: an operation of ours, or an action that the cloud tells of."""

    at: datetime
    operation: Operation | None = None
    action: CloudAction | None = None

    @property
    def label(self) -> Text:
        if self.action is None:
            return ""
        name = self.action.name
        ours = ACTIONS.get(name)
        return OTHER_ACTIONS.get(name) or (kind_label(f"instance.{ours[0]}") if ours else name)


def timeline(instance: Instance, operations: Sequence[Operation]) -> list[Entry]:
    """The newest first. What an operation of ours had the cloud do is that operation's line and no other."""
    entries = [Entry(operation.created_at, operation=operation) for operation in operations]
    for action in instance.cloud_actions.all()[:MOST]:
        if not any(belongs(action, operation) for operation in operations):
            entries.append(Entry(action.started_at, action=action))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def belongs(action: CloudAction, operation: Operation) -> bool:
    """By the cloud's id of the call; else by its name, while the operation was under way."""
    if operation.error_request_id and operation.error_request_id == action.request_id:
        return True
    until = operation.finished_at or timezone.now()
    during = operation.created_at - SLACK <= action.started_at <= until + SLACK
    return during and operation.verb in ACTIONS.get(action.name, ())


# --- asking ---------------------------------------------------------------------


def ask_for(instance: Instance, operations: Sequence[Operation]) -> None:
    """Ring for a worker when what we know is older than 30 s, or than the end of an operation.

    A page never calls a cloud; it shows what is known, and changes by itself when there is more.
    """
    if not instance.remote_id or not instance.cloud.can(Feature.ACTIONS):
        return
    ends = [operation.finished_at for operation in operations if operation.finished_at]
    now = timezone.now()
    old = max([now - FRESH, *ends])
    stale = Instance.objects.filter(pk=instance.pk).filter(Q(actions_asked_at=None) | Q(actions_asked_at__lt=old))
    if stale.update(actions_asked_at=now):
        transaction.on_commit(lambda: ring(instance), robust=True)


def ring(instance: Instance) -> None:
    current_app.send_task("instances.fetch_actions", (str(instance.pk),), retry=False, expires=60)


def fetch(instance_id: str) -> None:
    """Write what the cloud remembers. One that does not answer says so elsewhere."""
    instance = Instance.objects.select_related("cloud").filter(pk=instance_id).first()
    if instance is None or not instance.remote_id:
        return
    try:
        history = instance.cloud.driver_for(instance.tenant_id).history
        told = history.actions(instance.remote_id) if history else ()
    except CloudError:
        return
    if write(instance, told[:MOST]):
        publish(instance.tenant_id, "instances", object_id=instance.pk)


def write(instance: Instance, told: Sequence[RemoteAction]) -> bool:
    """Returns whether anything was new. An action stays once it was seen; its message comes later."""
    known = {(action.request_id, action.name): action for action in instance.cloud_actions.all()}
    is_new = False
    for remote in told:
        row = known.get((remote.id[:128], remote.name[:64]))
        if row is None or row.message != remote.message[:4000]:
            is_new = True
            fields = {"started_at": remote.started_at, "by": remote.by[:255], "message": remote.message[:4000]}
            CloudAction.objects.update_or_create(
                instance=instance, request_id=remote.id[:128], name=remote.name[:64], defaults=fields
            )
    return is_new
