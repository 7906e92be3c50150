"""The provider that the settings name, and what its tokens have to be.

django-allauth does the code flow with PKCE. It trusts an ID token from the token endpoint without looking at its
signature, as OpenID Connect Core 3.1.3.7 allows, and sends no nonce. Here all of it is checked.
"""

from __future__ import annotations

import functools
from typing import Any

import jwt
import requests
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

PROVIDER = "oidc"
TIMEOUT_S = 5
LEEWAY_S = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Only those whose keys are public: an HMAC with a public key as its secret is an old trick."""


def app_of_settings() -> SocialApp | None:
    """None where nobody signs in with a provider."""
    if not settings.OIDC_ISSUER:
        return None
    return SocialApp(
        provider="openid_connect",
        provider_id=PROVIDER,
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={"server_url": settings.OIDC_ISSUER, "oauth_pkce_enabled": True, "scope": settings.OIDC_SCOPES},
    )


def http_session() -> requests.Session:
    """Impatient, and it follows nobody: the provider's own addresses only."""
    session = requests.Session()
    session.request = functools.partial(  # type: ignore[method-assign]
        session.request, timeout=TIMEOUT_S, allow_redirects=False
    )
    return session


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    nonce = ""
    """Of this sign-in, from its state."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, PROVIDER)

    @property
    def openid_config(self) -> dict[str, Any]:
        """Raises OAuth2Error when what is there is of another issuer."""
        config: dict[str, Any] = super().openid_config
        if config.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error("the configuration is of another issuer")
        return config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("oidc:callback"))

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> Any:
        """Raises OAuth2Error for a token that is not for this sign-in."""
        text = kwargs["response"].get("id_token")
        if not text:
            raise OAuth2Error("no ID token")
        claims = self.verified(text)
        told = self._fetch_user_info(token.token) if self.openid_config.get("userinfo_endpoint") else {}
        if told and told.get("sub") != claims["sub"]:
            raise OAuth2Error("the user info is of somebody else")
        data = {"userinfo": claims | told, "id_token": claims}
        return self.get_provider().sociallogin_from_response(request, data)

    def verified(self, text: str) -> dict[str, Any]:
        """The claims of an ID token, after OpenID Connect Core 3.1.3.7. Raises OAuth2Error."""
        try:
            claims: dict[str, Any] = jwt.decode(
                text,
                key=self.key_of(text),
                algorithms=ALGORITHMS,
                issuer=self.openid_config["issuer"],
                audience=settings.OIDC_CLIENT_ID,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"bad ID token: {error}") from error
        if not self.nonce or not constant_time_compare(str(claims.get("nonce", "")), self.nonce):
            raise OAuth2Error("bad ID token: the nonce is not of this sign-in")
        if claims.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
            raise OAuth2Error("bad ID token: it was made for another client")
        return claims

    def key_of(self, text: str) -> jwt.PyJWK:
        """By its `kid`; the only one where the token names none."""
        with http_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if key.public_key_use in (None, "sig")]
        kid = jwt.get_unverified_header(text).get("kid")
        fitting = [key for key in keys if kid is None or key.key_id == kid]
        if len(fitting) != 1:
            raise OAuth2Error("bad ID token: no key of the provider fits")
        return fitting[0]
