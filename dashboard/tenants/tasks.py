"""Bells of tenants that are being emptied."""

from __future__ import annotations

from celery import shared_task
from django.db.models.functions import Now

from . import emptying
from .models import Emptying


@shared_task(name="tenants.empty_due")
def empty_due() -> None:
    """Rung by the clock; so no message that is lost can stop one."""
    due = Emptying.objects.filter(state=Emptying.State.RUNNING, due_at__lte=Now())
    for pk in due.values_list("pk", flat=True):
        emptying.go_on(pk)


@shared_task(name="tenants.empty")
def empty(pk: str) -> None:
    emptying.go_on(pk)
