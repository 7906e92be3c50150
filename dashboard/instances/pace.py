"""How fast one person may launch: a limit against loops, not a quota. Counted in rows: in all web processes alike."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor

from .launches import KIND

MINUTE = timedelta(minutes=1)


def why_too_fast(actor: Actor, *, count: int) -> str:
    """The sentence for somebody who launches `count` more too soon; empty where they may.

    Two at once may both be let through: what must be exact is the quota's work.
    """
    limit = settings.LAUNCHES_PER_MINUTE
    if not limit:
        return ""
    mine = Operation.objects.for_tenant(actor.tenant).filter(requested_by=actor.user, kind=KIND)
    asked = mine.filter(created_at__gt=timezone.now() - MINUTE).count()
    if asked + count <= limit:
        return ""
    return _(
        "You have asked for %(asked)d instances in the last minute; %(limit)d a minute are allowed. Wait a little, "
        "nothing was launched."
    ) % {"asked": asked, "limit": limit}
