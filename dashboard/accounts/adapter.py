"""What django-allauth asks us."""

from __future__ import annotations

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from .models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are invited by an administrator; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        super().authentication_failed(request, **credentials)
        name = credentials.get("username") or credentials.get("email") or ""
        log.warning("sign-in refused", name=name[:150], address=request.META.get("REMOTE_ADDR"))

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        log.info("signed in", name=user.username, address=request.META.get("REMOTE_ADDR"))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Asked after the password was right, so that this tells a stranger nothing."""
        messages.error(request, _("This account is disabled. Ask your administrator."))
        return redirect("account_login")
