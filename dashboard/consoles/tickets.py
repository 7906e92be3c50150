"""One-time tickets: given by a page, redeemed by the WebSocket that the page opens next."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import parse_cookie
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.clouds.interface import ConsoleKind
from dashboard.instances.allowed import why_not
from dashboard.instances.models import Instance
from dashboard.instances.verbs import CONSOLES, status_word
from dashboard.live.visits import Visit, user_of
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, find_actor
from dashboard.tenancy.models import Role
from dashboard.ui.middleware import zone_of

from . import viewings
from .endings import Close, Ended
from .models import Ticket, Viewing

PER_MINUTE = 30
# the names of verbs.py::CONSOLES
NAMES = {ConsoleKind.VNC: "console", ConsoleKind.SERIAL: "serial"}


class NotNow(Exception):
    """No ticket, and why, in the user's words."""


class TooMany(NotNow):
    """Only the number of asks is the reason."""


class Full(TooMany):
    """Only the number of open consoles is the reason."""


class Held(NotNow):
    """Somebody else looks at the screen: it can be shared or taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What a redeemed ticket opens, and for whom."""

    instance: Instance
    kind: ConsoleKind
    visit: Visit
    viewing: Viewing
    takes_over: bool
    address: str | None
    zone: ZoneInfo | None
    """The viewer's own, for times in what is said."""


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def refusal(instance: Instance, kind: ConsoleKind, *, role: Role) -> str:
    """Why the console cannot be opened now; empty when it can."""
    operation = Operation.objects.open().filter(target_id=instance.pk).first()
    return why_not(instance, NAMES[kind], role=role, operation=operation)


def issue(actor: Actor, instance: Instance, *, kind: ConsoleKind, session_key: str, how: str = "") -> str:
    """A ticket for this person, this sign-in, this instance and this kind of console. Raises NotNow.

    `how` says what to do with others who look at the same screen: `share` it, or `take` it; else Held says who they
    are. A serial line is shared by itself; `take` brings it here from another web process.
    """
    actor.require(Role.MEMBER)
    if reason := refusal(instance, kind, role=actor.role):
        raise NotNow(reason)
    if reason := viewings.full_reason(actor.user):
        raise Full(reason)
    if kind is ConsoleKind.VNC and not how and (there := viewings.others(instance, kind=kind, than=actor.user)):
        raise Held(viewings.held_by(there))
    last_minute = timezone.now() - timedelta(minutes=1)
    if Ticket.objects.filter(user=actor.user, created_at__gt=last_minute).count() >= PER_MINUTE:
        raise TooMany(_("Too many consoles were asked for in the last minute; wait a little."))
    token = secrets.token_urlsafe(32)
    Ticket.objects.create(
        token_hash=hashed(token),
        user=actor.user,
        session_hash=hashed(session_key),
        instance=instance,
        kind=kind,
        takes_over=how == "take",
    )
    return token


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opens a WebSocket, and from which sign-in."""

    user: User
    session_key: str
    zone: ZoneInfo | None = None


def visitor_of(cookies: str | None) -> Visitor:
    """By the Cookie header. Raises Ended when nobody is signed in."""
    user, session_key = user_of(cookies)
    if user is None:
        raise Ended(Close.TICKET, _("You are signed out. Sign in and open the console again."))
    return Visitor(user, session_key, zone_of(parse_cookie(cookies or "")))


def redeem(token: str, *, visitor: Visitor, address: str | None, process: str) -> Console:
    """Use it up and take a place in `process`. Everything that held when it was given must hold again. Raises Ended."""
    user, session_key = visitor.user, visitor.session_key
    mine = Ticket.objects.filter(token_hash=hashed(token), user=user, session_hash=hashed(session_key))
    youngest = timezone.now() - timedelta(seconds=settings.CONSOLE_TICKET_S)
    if not mine.filter(used_at=None, created_at__gt=youngest).update(used_at=timezone.now()):
        raise Ended(Close.TICKET, _("The ticket is used or too old. Reconnect to get a new one."))
    ticket = mine.select_related("user", "instance__tenant", "instance__cloud").get()
    instance, kind = ticket.instance, ConsoleKind(ticket.kind)
    actor = find_actor(user, instance.tenant.slug, address=address)
    if actor is None or not actor.may(Role.MEMBER):
        raise Ended(Close.RIGHTS, _("You may not use this console any more."))
    if reason := refusal(instance, kind, role=actor.role):
        raise Ended(Close.GONE, reason)
    visit = Visit(session_key=session_key, user_id=user.pk, tenant_id=instance.tenant_id)
    there = list(viewings.others(instance, kind=kind, than=user)) if ticket.takes_over else []
    viewing = viewings.enter(user, instance, kind=kind, process=process)
    note(user, instance, verb=f"instance.{NAMES[kind]}", address=address, taken_from=there)
    return Console(
        instance=instance,
        kind=kind,
        visit=visit,
        viewing=viewing,
        takes_over=ticket.takes_over,
        address=address,
        zone=visitor.zone,
    )


@transaction.atomic
def note(user: User, instance: Instance, *, verb: str, address: str | None, taken_from: Sequence[Viewing] = ()) -> None:
    """Who looked or typed into which guest, from where, and whose console ended by it."""
    names = sorted({viewing.user.get_username() for viewing in taken_from})
    record(
        verb,
        actor=user.get_username(),
        tenant=str(instance.tenant_id),
        object_kind="instance",
        object_id=instance.pk,
        object_name=instance.name,
        outcome="done",
        address=address,
        after={"taken_from": ", ".join(names)} if names else None,
    )


@transaction.atomic
def close(user: User, viewing_id: int, *, address: str | None) -> None:
    """One of their own; closing what is closed is success."""
    mine = viewings.of_user(user).filter(pk=viewing_id)
    viewing = mine.first()
    if viewing and viewings.end(mine, by=user):
        verb = f"instance.{NAMES[ConsoleKind(viewing.kind)]}-closed"
        note(user, viewing.instance, verb=verb, address=address)


def note_typing(console: Console) -> None:
    """The first time in an open console: of several who share one, who did more than look."""
    verb = f"instance.{NAMES[console.kind]}-typed"
    note(console.viewing.user, console.instance, verb=verb, address=console.address)


def why_over(console: Console) -> Ended | None:
    """What became of the instance, or who ended it, while the console was open."""
    instance = Instance.objects.get(pk=console.instance.pk)
    return judged(console, instance=instance, viewing=Viewing.objects.filter(pk=console.viewing.pk).first())


def judged(console: Console, *, instance: Instance | None, viewing: Viewing | None) -> Ended | None:
    """By the rows as they are now."""
    if viewing is not None and viewing.ended_at is not None:
        return Ended(Close.TAKEN_OVER, ended_word(console, viewing))
    if instance is None or instance.deleted_at:
        return Ended(Close.GONE, _("The instance is deleted."))
    if instance.delete_at:
        return Ended(Close.GONE, _("The instance is being deleted. While it can be restored, its page says so."))
    if instance.remote_id != console.instance.remote_id:
        return Ended(Close.GONE, _("The instance was built anew."))
    if instance.status not in CONSOLES[NAMES[console.kind]].statuses:
        word = status_word(instance, None)
        return Ended(Close.GONE, _("Closed: the status of the instance is %(status)s now.") % {"status": word})
    return None


def ended_word(console: Console, viewing: Viewing) -> str:
    """By whom and when, by the viewer's own clock."""
    assert viewing.ended_at is not None
    at = timezone.localtime(viewing.ended_at, console.zone)
    said = {"name": viewings.short(viewing.ended_by), "time": f"{at:%H:%M}"}
    if viewing.ended_by == console.viewing.user.get_username():
        return _("Closed by you at %(time)s, in another window.") % said
    if console.kind is ConsoleKind.SERIAL:
        return _("Taken over by %(name)s at %(time)s, through another server.") % said
    return _("Taken over by %(name)s at %(time)s.") % said
