"""One's own second factors: the authenticator app, recovery codes, passkeys. Each change is one entry."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, RemoveWebAuthnView
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from . import steps
from .factors import factors_of
from .notes import note
from .views import NotAccepted

HOME = reverse_lazy("account_index")
CODES = reverse_lazy("mfa_view_recovery_codes")
own = method_decorator(login_required, name="dispatch")
"""Before what asks for a proof again: a stranger is asked to sign in, and no session is made for them."""


class Recorded:
    """The change and its entry are one transaction."""

    verb = ""

    def form_valid(self, form: Any) -> HttpResponse:
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        with transaction.atomic():
            had_codes = factors_of(request.user).codes is not None  # type: ignore[arg-type]
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            note(self.verb, request.user, request, after=self.what(form))  # type: ignore[arg-type]
            if not had_codes and factors_of(request.user).codes:  # type: ignore[arg-type]
                note("user.codes-make", request.user, request)  # type: ignore[arg-type]
        return response

    def what(self, form: Any) -> dict[str, Any]:
        return {}


@own
class AddApp(Recorded, NotAccepted, ActivateTOTPView):  # type: ignore[misc]
    template_name = "account/app.html"
    verb = "user.app-add"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        app = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        steps.use(app, form.cleaned_data["code"])
        return response

    def get_success_url(self) -> str:
        return str(CODES if self.did_generate_recovery_codes else HOME)


@own
class RemoveApp(Recorded, NotAccepted, DeactivateTOTPView):  # type: ignore[misc]
    template_name = "account/remove_app.html"
    success_url = HOME
    verb = "user.app-remove"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"why_kept": get_adapter().why_kept(self.authenticator)}


@own
class ShowCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    """Once, after they were made."""

    template_name = "account/codes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if context["can_view_codes"]:
            context["codes"] = [f"{code[:4]} {code[4:]}" for code in context["unused_codes"]]
        return context | {"left": len(context["unused_codes"])}


@own
class MakeCodes(NotAccepted, GenerateRecoveryCodesView):  # type: ignore[misc]
    """New ones; those from before are void."""

    template_name = "account/make_codes.html"
    success_url = CODES

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        note("user.codes-make", self.request.user, self.request)
        return response


@own
class AddPasskey(Recorded, NotAccepted, AddWebAuthnView):  # type: ignore[misc]
    template_name = "account/passkey.html"
    verb = "user.passkey-add"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["form"] = kwargs.get("form", context["form"])
        return context | {"options": auth.begin_registration(self.request.user, passwordless=True)}

    def get_success_url(self) -> str:
        return str(CODES if self.did_generate_recovery_codes else HOME)

    def what(self, form: Any) -> dict[str, Any]:
        return {"name": form.cleaned_data["name"]}


@own
class RenamePasskey(NotAccepted, EditWebAuthnView):  # type: ignore[misc]
    template_name = "account/rename_passkey.html"
    success_url = HOME

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        before = {"name": self.get_object().wrap().name}
        response: HttpResponse = super().form_valid(form)
        note("user.passkey-rename", self.request.user, self.request, before=before, after=form.cleaned_data)
        return response


@own
class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    template_name = "account/remove_passkey.html"
    success_url = HOME

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"passkey": self.object.wrap(), "why_kept": get_adapter().why_kept(self.object)}

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        if get_adapter().why_kept(self.object):
            refused: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
            return refused
        before = {"name": self.object.wrap().name}
        response: HttpResponse = super().form_valid(form)
        note("user.passkey-remove", self.request.user, self.request, before=before)
        return response
