"""The end of keys that nobody asks for: the person lost the right to them, or nobody fetched the secret.

A role ends in many ways: a manager takes it, an administrator disables the account or the tenant, a group of an
OpenID Connect provider or a role on an OpenStack goes away. So nobody is told of it: the clock looks every five
seconds, with one query, at what is so. Whoever gets the role back in between keeps their keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from dashboard.operations.flow import AlreadyUnderWay
from dashboard.tenancy.access import System

from . import actions
from .models import AccessKey

NO_RIGHT, NOT_FETCHED, NOT_MADE = "no-right", "not-fetched", "not-made"
AT_ONCE = 200
AGAIN = timedelta(hours=1)
"""An end that failed is asked for again after so long."""


def end_due() -> None:
    for pk, reason in due():
        end(pk, reason=reason)


def due() -> Iterator[tuple[UUID, str]]:
    rows = AccessKey.objects.living().idle().filter(ask_after__lte=timezone.now())
    seen: set[UUID] = set()
    for reason, found in (
        (NO_RIGHT, rows.without_right()),
        (NOT_MADE, rows.never_made()),
        (NOT_FETCHED, rows.never_fetched()),
    ):
        for pk in found.values_list("pk", flat=True)[:AT_ONCE]:
            if pk not in seen:
                seen.add(pk)
                yield pk, reason


def end(pk: UUID, *, reason: str) -> None:
    """In a transaction of its own; of two clocks one finds that it may."""
    try:
        with transaction.atomic():
            now = timezone.now()
            mine = AccessKey.objects.living().filter(pk=pk, ask_after__lte=now)
            if not mine.update(ask_after=now + AGAIN):
                return
            row = AccessKey.objects.select_related("tenant", "user", "account__cloud").get(pk=pk)
            actions.end(System(tenant=row.tenant, user=row.user), row, reason=reason)
    except AlreadyUnderWay:  # somebody asked in this moment
        return
