"""What django-allauth asks us."""

from __future__ import annotations

import time

import structlog
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal.ratelimit import consume, get_ip
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.ui.redirects import is_own_path

from .models import User
from .notes import NOBODY, note
from .reset import tell

CHANGED = {
    "mfa/email/totp_activated": gettext_lazy("an authenticator app was set up."),
    "mfa/email/totp_deactivated": gettext_lazy("the authenticator app was removed."),
    "mfa/email/webauthn_added": gettext_lazy("a passkey was added."),
    "mfa/email/webauthn_removed": gettext_lazy("a passkey was removed."),
    "mfa/email/recovery_codes_generated": gettext_lazy("new recovery codes were made."),
    "socialaccount/email/account_connected": gettext_lazy("it was linked with single sign-on."),
}
"""What django-allauth would send, and our words for it."""
log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are invited by an administrator; nobody signs up by themselves."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": gettext_lazy("Too many failed attempts. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Of where to go after signing in. allauth's own raises ValueError for some nonsense."""
        return is_own_path(url or "")

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Whoever guesses at a login shuts only their own address out of it, unless many addresses do."""
        super().pre_authenticate(request, **credentials)
        login = super()._get_login_attempts_cache_key(request, **credentials)
        used = consume(request, app="allauth.account", action="login_failed_anywhere", key=login)
        if used is None:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += used.usage  # taken back where the password is right

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: str) -> str:
        return f"{get_ip(request)}:{super()._get_login_attempts_cache_key(request, **credentials)}"

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        super().authentication_failed(request, **credentials)
        name = credentials.get("username") or credentials.get("email") or ""
        log.warning("sign-in refused", name=name[:150], address=request.META.get("REMOTE_ADDR"))
        named = User.objects.filter(Q(username=name) | (Q(email__iexact=name) & ~Q(email=""))).first()
        if named:  # what is nobody's name may be a password, typed into the wrong field
            note("user.sign-in", named, request, actor=NOBODY, outcome="refused")

    def login(self, request: HttpRequest, user: User) -> None:
        proofs = proofs_of(request, user)
        super().login(request, user)
        log.info("signed in", name=user.username, address=request.META.get("REMOTE_ADDR"))
        note("user.sign-in", user, request, after={"with": proofs} if proofs else None)

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            note("user.sign-out", user, request)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Asked after the password was right, so that this tells a stranger nothing."""
        messages.error(request, _("This account is disabled. Ask your administrator."))
        return redirect("account_login")

    def send_notification_mail(self, template_prefix: str, user: User, *args: object, **kwargs: object) -> None:
        """Of what matters to an account, to its owner: it may have been somebody else."""
        if template_prefix == "account/email/password_changed":
            tell(user, "account/mail/password_changed.txt")
        elif what := CHANGED.get(template_prefix):
            tell(user, "account/mail/factor_changed.txt", what=what)

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Not of somebody who signed in a moment ago: that was the same proof."""
        records = get_authentication_records(context.request, context.request.user)
        return not records or time.time() - records[-1]["at"] > app_settings.REAUTHENTICATION_TIMEOUT


def proofs_of(request: HttpRequest, user: User) -> list[str]:
    """With what this sign-in was proved, in order: `password`, `totp`, `recovery_codes`, `webauthn`, ..."""
    records = get_authentication_records(request, user)
    return [record.get("type") or record["method"] for record in records]
