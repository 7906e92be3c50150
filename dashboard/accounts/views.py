"""Signing in, and what proves who somebody is: django-allauth's views, with our templates, statuses and entries."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, LogoutView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeView
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse
from django.utils.decorators import method_decorator

from .factors import factors_of
from .notes import NOBODY, note

TOO_MANY = {"too_many_login_attempts", "rate_limited"}


def status_of(form: Form) -> int:
    """429 where the number of tries is the reason, else 422."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    return 429 if codes & TOO_MANY else 422


class NotAccepted:
    """With the status that says that the form was not accepted."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = status_of(form)
        return response


class SignIn(NotAccepted, LoginView):  # type: ignore[misc]
    """allauth's view. Passkeys and other ways in stand on the same page."""


class SignOut(LogoutView):  # type: ignore[misc]
    """The browser forgets what it kept of us, so that the next person at it finds nothing."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class SecondStep(NotAccepted, AuthenticateView):  # type: ignore[misc]
    """After the password was right: a code, or a passkey."""

    template_name = "account/second_step.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        note("user.sign-in", self.stage.login.user, self.request, actor=NOBODY, outcome="refused")
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"factors": factors_of(self.stage.login.user)}


@method_decorator(login_required, name="dispatch")
class ProveByPassword(NotAccepted, ReauthenticateView):  # type: ignore[misc]
    """The password again, before something that matters."""

    template_name = "account/prove.html"


@method_decorator(login_required, name="dispatch")
class ProveByCode(NotAccepted, CodeView):  # type: ignore[misc]
    template_name = "account/prove.html"
