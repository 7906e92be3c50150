"""Whose account it is: linked before, or the same address where the provider says that it is verified, or a new one."""

from __future__ import annotations

from typing import Any, cast

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.accounts.notes import described, note
from dashboard.accounts.usernames import is_taken, mixes_scripts, normal

from .groups import follow
from .provider import app_of_settings, http_session

log = structlog.get_logger(__name__)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        app = app_of_settings()
        return [app] if app else []

    def get_requests_session(self) -> Any:
        return http_session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False  # a new account is made below, or none

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        return None  # likewise

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """After all of the tokens was good. Raises ImmediateHttpResponse with the page that says why not."""
        claims = sociallogin.account.extra_data["userinfo"]
        with transaction.atomic():
            if not sociallogin.is_existing:
                link(request, sociallogin, claims)
            user = cast(User, sociallogin.user)
            if user.is_active:
                follow(user, claims, address=request.META.get("REMOTE_ADDR"))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        log.warning("sign-in with the provider failed", error=str(error), detail=str(exception or "")[:300])
        if error == "cancelled":
            raise refusal(request, _("You did not let the provider tell Skydeck who you are."), status=403)
        text = _("What the provider answered cannot be trusted, or came too late. Begin again.")
        raise refusal(request, text, status=401)


def link(request: HttpRequest, sociallogin: SocialLogin, claims: dict[str, Any]) -> None:
    """To the account with the same address, or to a new one where that is allowed."""
    email = str(claims.get("email") or "").strip().lower()
    if not email or claims.get("email_verified") is not True:
        raise refusal(request, _("The provider does not say that your e-mail address is verified: nobody is matched."))
    user = User.objects.filter(email__iexact=email).first()
    if user is None and settings.OIDC_NEW_ACCOUNTS:
        user = make(request, email, claims)
    if user is None:
        text = _("Nobody here has the address %(email)s. Ask your administrator for an account with it.")
        raise refusal(request, text % {"email": email})
    sociallogin.connect(request, user)
    note("user.oidc-link", user, request, after={"provider": settings.OIDC_NAME, "subject": str(claims["sub"])[:100]})


def make(request: HttpRequest, email: str, claims: dict[str, Any]) -> User:
    """With the name that the provider has for them; their address where that one might be taken for another's."""
    wanted = normal(str(claims.get("preferred_username") or email))[:140]
    if mixes_scripts(wanted):
        wanted = email[:140]
    number, name = 1, wanted
    while is_taken(name):
        number += 1
        name = f"{wanted}-{number}"
    user = User(username=name, email=email)
    user.first_name, user.last_name = (str(claims.get(part) or "")[:150] for part in ("given_name", "family_name"))
    user.set_unusable_password()
    user.save()
    note("user.create", user, request, after=described(user))
    return user


def refusal(request: HttpRequest, text: str, *, status: int = 403) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(render(request, "oidc/refused.html", {"reason": text}, status=status))
