"""Signing in with a passkey alone, and proving with one who is there."""

from __future__ import annotations

from typing import Any

from allauth.core.internal.ratelimit import consume_or_429
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from dashboard.ui.notices import keep as keep_notice

from .lobby import LASTS_S, keep, leave, lobby


class SignInWithPasskey(LoginWebAuthnView):  # type: ignore[misc]
    """GET gives the challenge, as JSON, and a cookie with it; POST takes the answer. Each challenge is good once."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := consume_or_429(request, app="allauth.mfa", action="webauthn_login", limit_get=True):
            return HttpResponse(_("Too many attempts. Wait a minute."), status=refused.status_code)
        with lobby(request) as waiting:
            response = JsonResponse({"options": dict(auth.begin_authentication(user=None))})
        keep(response, waiting)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with lobby(request):
            state = auth.get_state()
        if state and cache.add(f"passkey-challenge:{state['challenge']}", "used", LASTS_S):
            request.session[auth.STATE_SESSION_KEY] = state
        response: HttpResponse = super().post(request, *args, **kwargs)
        leave(response)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        self.request.session.pop(auth.STATE_SESSION_KEY, None)
        keep_notice(self.request, _("This passkey is not known here. Sign in in another way."), bad=True, link=None)
        return redirect("account_login")


@method_decorator(login_required, name="dispatch")
class ProveByPasskey(ReauthenticateWebAuthnView):  # type: ignore[misc]
    template_name = "account/prove_by_passkey.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        form.add_error(None, ValidationError(_("That did not work. Try again, or prove it in another way.")))
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"form": kwargs.get("form", context["form"])}
