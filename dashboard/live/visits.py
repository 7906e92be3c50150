"""Who is at the other end of a stream, and whether that still holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest, parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from dashboard.accounts.models import User
from dashboard.tenancy.access import find_actor, find_administrator
from dashboard.tenancy.models import Membership, Role
from dashboard.tenancy.second_factor import missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One person, from one sign-in, in one tenant; in all of them where `tenant_id` is None."""

    session_key: str
    user_id: int
    tenant_id: UUID | None


def user_of(cookies: str | None) -> tuple[User | None, str]:
    """The person whose session the Cookie header names, and the key of that session. None without a second factor
    that their role demands."""
    key = parse_cookie(cookies or "").get(settings.SESSION_COOKIE_NAME, "")
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request) if key else None
    may = isinstance(user, User) and user.is_active and not missing([user])
    return (user, key) if may else (None, "")  # type: ignore[return-value]


def visit_of(cookies: str | None, slug: str) -> Visit | None:
    """Of the tenant; of all of them for an administrator, without a slug.

    Raises PermissionError when nobody is signed in; None for a stranger.
    """
    user, key = user_of(cookies)
    if user is None:
        raise PermissionError
    if not slug:
        return Visit(session_key=key, user_id=user.pk, tenant_id=None) if find_administrator(user) else None
    actor = find_actor(user, slug)
    return Visit(session_key=key, user_id=user.pk, tenant_id=actor.tenant.pk) if actor else None


def roles_of(visits: Collection[Visit]) -> dict[Visit, Role]:
    """What each visit that still holds may do: signed in, active, not removed. A few queries for all.

    In a disabled tenant no member may do more than look, so consoles end there.
    """
    sessions = _sessions({visit.session_key for visit in visits})
    users = User.objects.in_bulk({visit.user_id for visit in visits})
    memberships: dict[tuple[int, UUID | None], Role] = {
        (row.user_id, row.tenant_id): Role.READER if row.tenant.is_disabled else Role(row.role)
        for row in Membership.objects.select_related("tenant").filter(user_id__in=users.keys())
    }
    without = missing(users.values())
    held: dict[Visit, Role] = {}
    for visit in visits:
        user = users.get(visit.user_id)
        if user is None or user.pk in without or not _is_signed_in(user, sessions.get(visit.session_key)):
            continue
        role = Role.ADMIN if user.is_admin else memberships.get((visit.user_id, visit.tenant_id))
        if role is not None:
            held[visit] = role
    return held


def _sessions(keys: Collection[str]) -> dict[str, dict[str, Any]]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {row.session_key: row.get_decoded() for row in rows}


def _is_signed_in(user: User, session: dict[str, Any] | None) -> bool:
    """As Django decides it for a page: the session is this user's, and from after the last change of password."""
    if session is None or not user.is_active or session.get(SESSION_KEY) != str(user.pk):
        return False
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
