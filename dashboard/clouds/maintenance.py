"""Maintenance of a cloud: nothing new is made there, with the reason shown to everyone. What is there goes on.

New is what brings load to a cloud: a launch, a larger size, an instance that comes back from its shelf, a network, a
router, a floating IP. Stopping, deleting and looking stay, and what was accepted before comes to its end.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.live.publish import publish
from dashboard.tenancy.access import Administrator

from .actions import note
from .models import Cloud


def why_closed(cloud: Cloud) -> str:
    """Why nothing new is made there now, in the user's words; empty when it is open."""
    if not cloud.maintenance:
        return ""
    said = _("%(cloud)s is in maintenance and takes nothing new: %(reason)s")
    text = said % {"cloud": cloud.name, "reason": cloud.maintenance}
    return f"{text} {planned_end(cloud)}".rstrip()


def why_closed_now(cloud: Cloud) -> str:
    """As `why_closed`, from its row as it is in this transaction: the one in hand may be from before."""
    cloud.refresh_from_db(fields=["maintenance", "maintenance_until"])
    return why_closed(cloud)


def planned_end(cloud: Cloud) -> str:
    """A sentence, or nothing; once that time is over, nobody knows."""
    until = cloud.maintenance_until
    if until is None or until < timezone.now():
        return ""
    return _("It is meant to end at %(when)s.") % {"when": date_format(timezone.localtime(until), "Y-m-d H:i T")}


@transaction.atomic
def begin(administrator: Administrator, cloud: Cloud, *, reason: str, until: datetime | None) -> None:
    """Close it for what is new, or give another reason where it is closed. `until` is only said."""
    locked = Cloud.objects.select_for_update().get(pk=cloud.pk)
    fields = {
        "maintenance": reason,
        "maintenance_until": until,
        "maintenance_since": locked.maintenance_since or timezone.now(),
        "maintenance_by": administrator.user.username,
    }
    Cloud.objects.filter(pk=cloud.pk).update(**fields)
    publish(None, "clouds", object_id=cloud.pk)
    after = {"reason": reason, "until": until.isoformat() if until else ""}
    note(administrator, "cloud.maintenance", cloud=locked, before=described(locked), after=after)


@transaction.atomic
def end(administrator: Administrator, cloud: Cloud) -> bool:
    """Open it again. Of two who do, one does it and is told so."""
    before = Cloud.objects.select_for_update().get(pk=cloud.pk)
    open_again = {"maintenance": "", "maintenance_since": None, "maintenance_until": None, "maintenance_by": ""}
    if not Cloud.objects.filter(pk=cloud.pk).exclude(maintenance="").update(**open_again):
        return False
    publish(None, "clouds", object_id=cloud.pk)
    note(administrator, "cloud.maintenance-end", cloud=before, before=described(before))
    return True


def described(cloud: Cloud) -> dict[str, Any]:
    """For the audit trail."""
    until = cloud.maintenance_until
    return {"reason": cloud.maintenance, "until": until.isoformat() if until else ""} if cloud.maintenance else {}
