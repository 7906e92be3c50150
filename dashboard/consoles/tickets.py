"""One-time tickets: given by a page, redeemed by the WebSocket that the page opens next."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.clouds.interface import ConsoleKind
from dashboard.instances.models import Instance
from dashboard.instances.verbs import CONSOLES, status_word, why_not
from dashboard.live.visits import Visit, user_of
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, find_actor
from dashboard.tenancy.models import Role

from .models import Ticket

PER_MINUTE = 30
# the names of verbs.py::CONSOLES
NAMES = {ConsoleKind.VNC: "console", ConsoleKind.SERIAL: "serial"}


class Close(IntEnum):
    """Why a console ends, as the code of its WebSocket. The reason beside it is in the user's words."""

    RESTART = 1012
    TICKET = 4401
    RIGHTS = 4403
    GONE = 4404
    IDLE = 4408
    TAKEN_OVER = 4409
    TOO_MANY = 4429
    CLOUD = 4502


class Ended(Exception):
    """A console is over, or never began."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class NotNow(Exception):
    """No ticket, and why, in the user's words. `is_limit` when only the number of asks is the reason."""

    def __init__(self, reason: str, *, is_limit: bool = False) -> None:
        super().__init__(reason)
        self.is_limit = is_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What a redeemed ticket opens, and for whom."""

    ticket: Ticket
    instance: Instance
    kind: ConsoleKind
    visit: Visit


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def refusal(instance: Instance, kind: ConsoleKind, *, role: Role) -> str:
    """Why the console cannot be opened now; empty when it can."""
    operation = Operation.objects.open().filter(target_id=instance.pk).first()
    return why_not(instance, NAMES[kind], role=role, operation=operation)


def issue(actor: Actor, instance: Instance, *, kind: ConsoleKind, session_key: str) -> str:
    """A ticket for this person, this sign-in, this instance and this kind of console. Raises NotNow."""
    actor.require(Role.MEMBER)
    if reason := refusal(instance, kind, role=actor.role):
        raise NotNow(reason)
    last_minute = timezone.now() - timedelta(minutes=1)
    if Ticket.objects.filter(user=actor.user, created_at__gt=last_minute).count() >= PER_MINUTE:
        raise NotNow(_("Too many consoles were asked for in the last minute; wait a little."), is_limit=True)
    token = secrets.token_urlsafe(32)
    Ticket.objects.create(
        token_hash=hashed(token),
        user=actor.user,
        session_hash=hashed(session_key),
        instance=instance,
        kind=kind,
    )
    return token


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opens a WebSocket, and from which sign-in."""

    user: User
    session_key: str


def visitor_of(cookies: str | None) -> Visitor:
    """By the Cookie header. Raises Ended when nobody is signed in."""
    user, session_key = user_of(cookies)
    if user is None:
        raise Ended(Close.TICKET, _("You are signed out. Sign in and open the console again."))
    return Visitor(user, session_key)


def redeem(token: str, *, visitor: Visitor, address: str | None) -> Console:
    """Use it up. Everything that held when it was given must hold again. Raises Ended."""
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
    note(actor, instance, kind=kind)
    visit = Visit(session_key=session_key, user_id=user.pk, tenant_id=instance.tenant_id)
    return Console(ticket=ticket, instance=instance, kind=kind, visit=visit)


@transaction.atomic
def note(actor: Actor, instance: Instance, *, kind: ConsoleKind) -> None:
    """Who looked into which guest, and from where."""
    record(
        f"instance.{NAMES[kind]}",
        actor=actor.user.get_username(),
        tenant=str(instance.tenant_id),
        object_kind="instance",
        object_id=instance.pk,
        object_name=instance.name,
        address=actor.address,
    )


def why_over(console: Console) -> Ended | None:
    """What became of the instance, or who took its serial line, while the console was open."""
    instance = Instance.objects.get(pk=console.instance.pk)
    if console.kind is ConsoleKind.SERIAL and (later := taken_by(console)):
        return Ended(Close.TAKEN_OVER, later)
    if instance.deleted_at:
        return Ended(Close.GONE, _("The instance is deleted."))
    if instance.remote_id != console.instance.remote_id:
        return Ended(Close.GONE, _("The instance was built anew."))
    if instance.status not in CONSOLES[NAMES[console.kind]].statuses:
        word = status_word(instance, None)
        return Ended(Close.GONE, _("Closed: the status of the instance is %(status)s now.") % {"status": word})
    return None


def taken_by(console: Console) -> str:
    """Who opened the same serial line after us; empty when nobody did. It has room for one."""
    newer = Ticket.objects.filter(
        instance=console.instance, kind=ConsoleKind.SERIAL, used_at__gt=console.ticket.used_at
    ).exclude(pk=console.ticket.pk)
    last = newer.select_related("user").order_by("-used_at").first()
    if last is None:
        return ""
    if last.user_id == console.ticket.user_id:
        return _("Taken over by you, in another window.")
    return _("Taken over by %(name)s.") % {"name": last.user.get_username()}
