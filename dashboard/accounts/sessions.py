"""One's sign-ins: where they are, and ending them.

django-allauth keeps a row for each (`usersessions`), made at sign-in; the session itself is Django's. Ending one
removes both, and with them its streams and consoles: `live/guard.py` looks every 2.5 seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import User
from .notes import note

LOOK_AGAIN_S = 60
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    row: UserSession
    is_this: bool

    @property
    def device(self) -> str:
        return device_of(self.row.user_agent)

    @property
    def is_small(self) -> bool:
        return bool(re.search("Mobile|iPhone|Android", self.row.user_agent))


def device_of(agent: str) -> str:
    """`Firefox on Linux`; as it calls itself where we know neither."""
    browser = next((name for part, name in BROWSERS if part in agent), "")
    system = next((name for part, name in SYSTEMS if part in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or agent[:60] or _("Unknown browser")


def sessions_of(user: User, *, this: str | None) -> list[SignedIn]:
    """Those that still hold, this one first, then by when they were seen. Two queries."""
    rows = list(UserSession.objects.filter(user=user).order_by("-last_seen_at"))
    keys = [row.session_key for row in rows]
    alive = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("pk", flat=True)
    )
    found = [SignedIn(row, row.session_key == this) for row in rows if row.session_key in alive]
    return sorted(found, key=lambda one: not one.is_this)


@transaction.atomic
def end(request: HttpRequest, user: User, pk: int) -> bool:
    """One of their own; ending what has ended is success. False when it is none of theirs."""
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    forget(request, user, [row])
    return True


@transaction.atomic
def end_others(request: HttpRequest, user: User) -> int:
    """All but that of the request. How many there were."""
    others = [one.row for one in sessions_of(user, this=request.session.session_key) if not one.is_this]
    forget(request, user, others)
    return len(others)


def end_all(user: User) -> None:
    """After a new password, with which none of them holds any more."""
    rows = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
    rows.delete()


def tidy(request: HttpRequest, user: User) -> None:
    """This session has a new key: the row of the one before goes."""
    UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key).delete()


def forget(request: HttpRequest, user: User, rows: list[UserSession]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        before = {"device": device_of(row.user_agent), "address": str(row.ip)}
        note("user.session-end", user, request, before=before)


def last_seen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keeps when and from where each session was seen: one UPDATE a minute, nothing in between."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"seen:{key}", True, LOOK_AGAIN_S):
            now = timezone.now()
            UserSession.objects.filter(session_key=key, last_seen_at__lt=now - timedelta(seconds=LOOK_AGAIN_S)).update(
                last_seen_at=now,
                ip=request.META.get("REMOTE_ADDR") or "0.0.0.0",  # noqa: S104 - a placeholder, bound by nobody
                user_agent=request.META.get("HTTP_USER_AGENT", "")[:200],
            )
        return response

    return middleware
