"""The bells. Each is harmless when doubled and only late when lost."""

from __future__ import annotations

from celery import shared_task
from django.db.models.functions import Now

from . import reconcile as reconciler
from . import run
from .models import Heartbeat


@shared_task(name="operations.advance")
def advance(operation_id: str) -> None:
    run.advance(operation_id)


@shared_task(name="operations.reconcile")
def reconcile() -> None:
    reconciler.reconcile()


@shared_task(name="operations.beat")
def beat() -> None:
    """Proves that scheduler, broker and worker work together."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": Now()})
