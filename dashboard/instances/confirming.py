"""The deadline of a resize: a new size that nobody confirmed or took back is confirmed by the clock.

`confirm_by` is set when the cloud says that the new size is there (sync.py), and goes with the old size. What was
deleted waits: restored, it can still go back. A cloud may confirm by itself before; the row follows it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from dashboard.clouds.interface import Status
from dashboard.operations import flow
from dashboard.operations.models import Operation

from .models import Instance
from .refusals import last
from .undoing import AT_ONCE, as_system

AGAIN = timedelta(hours=1)
"""After the cloud refused: so long until it is asked again."""


def confirm_due() -> int:
    """Begin to confirm what nobody had a word for; returns how many. Rung by the clock, twice is harmless."""
    at_work = Operation.objects.open().values("target_id")
    due = Instance.objects.listed().filter(status=Status.RESIZED, confirm_by__lte=Now()).exclude(pk__in=at_work)
    return sum(confirm(pk) for pk in list(due.order_by("confirm_by").values_list("pk", flat=True)[:AT_ONCE]))


def confirm(instance_id: UUID) -> bool:
    """As the system, on behalf of whoever asked for the resize. Whether it was us who began."""
    mine = Instance.objects.listed().filter(pk=instance_id, status=Status.RESIZED, confirm_by__lte=Now())
    try:
        with transaction.atomic():
            if not mine.update(confirm_by=F("confirm_by")):
                return False
            instance = Instance.objects.select_related("cloud", "tenant").get(pk=instance_id)
            as_system(instance, "confirm-resize", asked_by=last(instance, "resize", ended=False))
    except flow.AlreadyUnderWay:
        return False
    return True


def not_confirmed(operation: Operation) -> None:
    """In the transaction that ends it: the clock does not ask again at once, but in an hour."""
    Instance.objects.filter(pk=operation.target_id, confirm_by__lte=Now()).update(confirm_by=Now() + AGAIN)
