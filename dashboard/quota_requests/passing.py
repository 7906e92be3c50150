"""What keeps a launch from starting now, and passes: such a launch waits, and is looked at again and again."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.clouds.maintenance import why_closed
from dashboard.clouds.standing import standings_of
from dashboard.instances.pace import why_too_fast
from dashboard.live.publish import publish
from dashboard.tenancy.access import Actor, System, find_actor
from dashboard.tenancy.models import Role

from .history import TOPIC, add_line
from .models import CarriedLaunch

AGAIN = timedelta(seconds=30)
"""After which it is looked at again."""
LONGEST = timedelta(days=30)
"""From the approval on; then it is given up."""


def why_not_yet(launch: CarriedLaunch) -> str:
    """For every reader of the request. Empty where nothing stands in the way, or something that does not pass."""
    actor = find_actor(launch.user, launch.tenant.slug)
    if actor is None or not actor.held.includes(Role.MEMBER):
        return ""
    if not actor.may(Role.MEMBER):
        said = {"tenant": actor.tenant.name, "who": actor.tenant.disabled_by, "reason": actor.tenant.disabled_reason}
        return _("%(tenant)s is disabled. %(who)s says: “%(reason)s”.") % said
    return why_no_cloud_yet(launch, actor) or why_too_soon(launch, actor)


def why_no_cloud_yet(launch: CarriedLaunch, actor: Actor) -> str:
    wanted = launch.said["cloud_id"]
    standing = next((one for one in standings_of(actor.tenant) if str(one.pk) == wanted), None)
    if standing is None or standing.is_shut:
        return ""
    if standing.is_refused:
        return _("The cloud %(name)s does not accept Skydeck's key any more.") % {"name": standing.name}
    if standing.is_away:
        return _("The cloud %(name)s does not answer.") % {"name": standing.name}
    return why_closed(standing.cloud)


def why_too_soon(launch: CarriedLaunch, actor: Actor) -> str:
    """More than one person may ask for in a minute. What is more by itself never passes."""
    count = launch.said["count"]
    if count > settings.LAUNCHES_PER_MINUTE or not why_too_fast(actor, count=count):
        return ""
    return _("%(who)s asked for as many instances in the last minute as one person may.") % {"who": actor.name}


def is_over(launch: CarriedLaunch) -> bool:
    """Whether it waited as long as it may."""
    decided_at = launch.request.decided_at if launch.request else None
    return decided_at is not None and decided_at < timezone.now() - LONGEST


@transaction.atomic
def wait(launch: CarriedLaunch, why: str) -> None:
    """The first reason is a line of the request's history; what follows is only shown: a cloud may come and go."""
    mine = CarriedLaunch.objects.filter(pk=launch.pk, state=CarriedLaunch.State.DUE)
    fields = {"why": why, "due_at": timezone.now() + AGAIN, "attempts": 0}
    begins = bool(mine.filter(why="").update(**fields))
    if not (begins or mine.update(**fields)) or launch.request is None:
        return
    if begins:
        system = System(tenant=launch.tenant, user=launch.request.requested_by)
        add_line(launch.request, "launch-waits", by=system, comment=why)
    elif launch.why != why:
        publish(launch.tenant_id, TOPIC, object_id=launch.request.pk)
