"""Who has which console open, over all web processes: rows, so that limits and words hold for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.accounts.models import User
from dashboard.clouds.interface import ConsoleKind
from dashboard.instances.models import Instance
from dashboard.ui.templatetags.ui import words

from .endings import Close, Ended
from .models import Viewing, ViewingQuerySet

ALIVE = timedelta(seconds=15)
"""How long a row counts without a sign of its web process."""
LONGEST_NAME = 40
"""What fits into the reason of a closed WebSocket, beside the sentence."""


def of_user(user: User) -> ViewingQuerySet:
    mine = Viewing.objects.alive().filter(user=user, ended_at=None)
    return mine.select_related("instance__tenant", "instance__cloud").order_by("-opened_at")


def full_reason(user: User) -> str:
    """Why one more console is too many, in words; empty when it is not."""
    now = Viewing.objects.alive().filter(ended_at=None)
    if now.filter(user=user).count() >= settings.CONSOLES_PER_USER:
        return ngettext(
            "You have %(number)d console open, and no more are possible. Close it first.",
            "You have %(number)d consoles open, and no more are possible. Close one first.",
            settings.CONSOLES_PER_USER,
        ) % {"number": settings.CONSOLES_PER_USER}
    if now.count() >= settings.CONSOLES_IN_ALL:
        return _("Everybody together has %(number)d consoles open, and no more are possible. Try again later.") % {
            "number": settings.CONSOLES_IN_ALL
        }
    return ""


@transaction.atomic
def enter(user: User, instance: Instance, *, kind: ConsoleKind, process: str) -> Viewing:
    """Take a place. Raises Ended beyond a limit; of two at once of one person the limit lets in one."""
    User.objects.select_for_update().get(pk=user.pk)
    if reason := full_reason(user):
        raise Ended(Close.TOO_MANY, reason)
    return Viewing.objects.create(user=user, instance=instance, kind=kind, process=process, alive_until=Now() + ALIVE)


def leave(viewing_id: int) -> None:
    Viewing.objects.filter(pk=viewing_id).delete()


def beat(ids: Collection[int]) -> None:
    """These are still open."""
    Viewing.objects.filter(pk__in=ids).update(alive_until=Now() + ALIVE)


def others(instance: Instance, *, kind: ConsoleKind, than: User | None = None) -> ViewingQuerySet:
    """Who has this console open, the longest there first; without `than`, everybody."""
    there = Viewing.objects.alive().filter(instance=instance, kind=kind, ended_at=None)
    if than is not None:
        there = there.exclude(user=than)
    return there.select_related("user").order_by("opened_at", "pk")


def elsewhere(viewing: Viewing) -> ViewingQuerySet:
    """Those who hold the guest's one serial line through another web process, and came before."""
    there = Viewing.objects.alive().filter(instance_id=viewing.instance_id, kind=viewing.kind)
    return there.exclude(process=viewing.process).select_related("user").order_by("opened_at", "pk")


def end(viewings: ViewingQuerySet, *, by: User) -> int:
    """Have them closed, by whichever process carries them, within a second. Returns how many."""
    return viewings.filter(ended_at=None).update(ended_by=by.get_username(), ended_at=timezone.now())


def take_over(viewing: Viewing) -> None:
    """Close whoever else has the screen; of a serial line those whom another web process serves: ours share it."""
    same = Viewing.objects.alive().filter(instance_id=viewing.instance_id, kind=viewing.kind).exclude(pk=viewing.pk)
    end(same.exclude(process=viewing.process) if viewing.kind == ConsoleKind.SERIAL else same, by=viewing.user)


def held_by(there: Iterable[Viewing]) -> str:
    """`alice has had it open for 5 min.`"""
    there = list(there)
    since = words(timezone.now() - there[0].opened_at)
    names = sorted({short(viewing.user.get_username()) for viewing in there})
    if len(names) == 1:
        return _("%(name)s has had it open for %(age)s.") % {"name": names[0], "age": since}
    return _("%(names)s have it open, the first for %(age)s.") % {"names": ", ".join(names[:3]), "age": since}


def short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def around(instance_ids: Collection[UUID]) -> dict[tuple[UUID, str], list[tuple[int, str]]]:
    """Who looks at what: `(instance, kind) -> [(viewing, name), ...]`, the longest there first."""
    rows = Viewing.objects.alive().filter(instance_id__in=instance_ids, ended_at=None).order_by("opened_at", "pk")
    found: dict[tuple[UUID, str], list[tuple[int, str]]] = {}
    for pk, instance_id, kind, name in rows.values_list("pk", "instance_id", "kind", "user__username"):
        found.setdefault((instance_id, kind), []).append((pk, name))
    return found
