"""What administrators do with announcements. Each verb is one transaction with its audit entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dashboard.audit.record import record
from dashboard.live.publish import publish
from dashboard.tenancy.access import Administrator

from .models import Announcement

FIELDS = ("text", "severity", "link", "starts_at", "ends_at", "before_sign_in")


class Said(TypedDict):
    """What the form asks for."""

    text: str
    severity: str
    link: str
    starts_at: datetime | None
    ends_at: datetime | None
    before_sign_in: bool


class Changed(Exception):
    """Somebody else changed or deleted it since it was read."""


@transaction.atomic
def announce(administrator: Administrator, **said: Unpack[Said]) -> Announcement:
    row = Announcement.objects.create(created_by=administrator.user.username, **said)
    tell(administrator, "announcement.create", row, after=described(row))
    return row


@transaction.atomic
def change(administrator: Administrator, pk: int, *, version: int, **said: Unpack[Said]) -> None:
    """`version` is the one that was on the page. Raises Changed."""
    before = Announcement.objects.select_for_update().filter(pk=pk, version=version).first()
    if before is None:
        raise Changed
    Announcement.objects.filter(pk=pk, version=version).update(version=F("version") + 1, **said)
    after = Announcement.objects.get(pk=pk)
    tell(administrator, "announcement.change", after, before=described(before), after=described(after))


@transaction.atomic
def end(administrator: Administrator, pk: int) -> bool:
    """Now. False where it was over already."""
    now = timezone.now()
    if not Announcement.objects.filter(pk=pk).exclude(ends_at__lte=now).update(ends_at=now):
        return False
    tell(administrator, "announcement.end", Announcement.objects.get(pk=pk))
    return True


@transaction.atomic
def delete(administrator: Administrator, pk: int) -> bool:
    """False where it was gone already."""
    row = Announcement.objects.select_for_update().filter(pk=pk).first()
    if row is None or not Announcement.objects.filter(pk=pk).delete()[0]:
        return False
    tell(administrator, "announcement.delete", row, before=described(row))
    return True


def described(row: Announcement) -> dict[str, Any]:
    """For the audit trail."""
    values = {name: getattr(row, name) for name in FIELDS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def tell(administrator: Administrator, verb: str, row: Announcement, **change: Any) -> None:
    """The browsers, and the audit trail."""
    publish(None, "announcements", object_id=row.pk)
    record(
        verb,
        actor=administrator.user.username,
        tenant="",
        object_kind="announcement",
        object_id=row.pk,
        object_name=str(row),
        address=administrator.address,
        outcome="done",
        **change,
    )
