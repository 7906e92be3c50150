"""To the provider, and back. What has to be known in between is in a cookie; see accounts/lobby.py."""

from __future__ import annotations

import secrets
from typing import Any, cast

import requests
import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import consume_or_429
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.accounts.lobby import Lobby, keep, leave, lobby
from dashboard.ui.redirects import own_path

from .accounts import refusal
from .provider import PROVIDER, Adapter

log = structlog.get_logger(__name__)
UNREADABLE = (OAuth2Error, requests.RequestException, ValueError, KeyError, TypeError)
"""What comes of a provider that is away, or answers nonsense."""


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = Adapter

    def get_oauth2_adapter(self, request: HttpRequest) -> Adapter:
        return Adapter(request)


def open_gate() -> None:
    """Raises Http404 where it is turned off."""
    if not settings.OIDC_ISSUER:
        raise Http404


@require_safe
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    open_gate()
    if request.user.is_authenticated:
        return redirect(wanted(request) or "/")
    provider = Provider(request, app=get_adapter(request).get_app(request, provider=PROVIDER))
    nonce = secrets.token_urlsafe(24)
    if refused := consume_or_429(request, app="allauth.account", action="login", limit_get=True):
        return cast(HttpResponse, refused)
    try:
        with lobby(request):
            response: HttpResponse = provider.redirect(
                request, process="login", next_url=wanted(request), auth_params={"nonce": nonce}, nonce=nonce
            )
            waiting = cast(Lobby, request.session)
    except UNREADABLE as error:
        log.warning("the provider does not answer", error=type(error).__name__)
        return away(request)
    keep(response, waiting)
    return response


def wanted(request: HttpRequest) -> str:
    """Where they wanted to go: one of our own pages, or nothing."""
    return own_path(request, request.GET.get("next", ""))


def away(request: HttpRequest) -> HttpResponse:
    text = _("%(name)s does not answer, so that nobody can sign in with it now. Try again later.")
    return cast(HttpResponse, refusal(request, text % {"name": settings.OIDC_NAME}, status=503).response)


class Callback(OAuth2CallbackView):  # type: ignore[misc]
    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        """Once: the cookie is gone with the answer."""
        with lobby(request):
            state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


@require_safe
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    open_gate()
    view = Callback()
    view.request, view.adapter = request, Adapter(request)
    try:
        response: HttpResponse = view.dispatch(request)
    except ImmediateHttpResponse as error:
        response = error.response
    except UNREADABLE as error:
        log.warning("the provider answered nonsense", error=type(error).__name__)
        response = away(request)
    leave(response)
    return response
