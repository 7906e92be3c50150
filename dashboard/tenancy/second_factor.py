"""Who has to have a second factor, and that they do nothing before they have one.

Asked in three places, always here: before each page (`Gate`), for each stream and console (`live/visits.py`), and for
each API key (`keys/holders.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.accounts.factors import REAL, factors_of
from dashboard.accounts.models import User
from dashboard.accounts.sealing import SealingAdapter
from dashboard.ui.fragments import go

from .models import Membership, Role

OPEN = {
    *("account_login", "account_logout", "account_second_factor", "ui:theme", "overview:healthz"),
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_authenticate"),
    *("mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"),
}
"""What setting one up takes, and leaving."""


def least() -> Role | None:
    """Whoever has this role, or one that includes it, has to have a second factor; nobody has to with None."""
    listed = [role for role in Role if role.value in settings.SECOND_FACTOR]
    return listed[0] if listed else None


def demanding(user: User) -> Role | None:
    """The role of theirs that demands a second factor."""
    wanted = least()
    if wanted is None:
        return None
    if user.is_admin:
        return Role.ADMIN
    held = [Role(role) for role in Membership.objects.filter(user=user).values_list("role", flat=True)]
    return next((role for role in held if role.includes(wanted)), None)


def missing(users: Collection[User]) -> set[int]:
    """Ids of those who have to have a second factor and have none. Two queries, none where nobody has to."""
    wanted = least()
    if wanted is None or not users:
        return set()
    ids = {user.pk for user in users}
    have = set(Authenticator.objects.filter(user__in=ids, type__in=REAL).values_list("user_id", flat=True))
    if ids <= have:
        return set()
    roles = [role.value for role in Role if role.includes(wanted)]
    demanded = set(Membership.objects.filter(user__in=ids, role__in=roles).values_list("user_id", flat=True))
    return (demanded | {user.pk for user in users if user.is_admin}) - have


class Gate:
    """Leads whoever lacks one to where it is set up, whatever they asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponseBase | None:
        if least() is None or not isinstance(request.user, User):
            return None
        match = request.resolver_match
        if (match is not None and match.view_name in OPEN) or not missing([request.user]):
            return None
        return go(request, reverse("account_second_factor"))


class Adapter(SealingAdapter):
    """The last second factor stays while a role demands one."""

    def why_kept(self, authenticator: Authenticator) -> str:
        user: User = authenticator.user
        role = demanding(user) if factors_of(user).count == 1 else None
        if role is None:
            return ""
        return _("Your role %(role)s demands a second factor, and this is your last one. Set up another one first.") % {
            "role": role.label
        }
