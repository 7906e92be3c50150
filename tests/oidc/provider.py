"""An OpenID Connect provider in a process of its own: django-oauth-toolkit, as others run it.

    python provider.py <folder> <port> <client secret> <redirect URI>

In the folder are its database, `claims.json` (what it says of whom, by user name), and `fault`, which holds the name of
what it does wrong: `nonce`, `audience`, `issuer`, `expired`, `signature`, `unsigned`, `subject`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

folder, port, secret, redirect = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
CLIENT = "skydeck"
APPS = ("auth", "contenttypes", "sessions")


def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


settings.configure(
    SECRET_KEY="of a test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="urls_of_provider",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}},
    INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "oauth2_provider"],
    MIGRATION_MODULES=dict.fromkeys([*APPS, "oauth2_provider"]),
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    LOGIN_URL="/login/",
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": pem(),
        "OAUTH2_VALIDATOR_CLASS": "urls_of_provider.Validator",
        "SCOPES": {"openid": "who you are", "profile": "your name", "email": "your address"},
        "PKCE_REQUIRED": True,
    },
)
django.setup()

from django.contrib.auth import get_user_model, login  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


def fault() -> str:
    return (folder / "fault").read_text().strip()


def claims_of(user) -> dict:
    return json.loads((folder / "claims.json").read_text()).get(user.username, {})


class Validator(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request):
        return claims_of(request.user)

    def get_userinfo_claims(self, request):
        said = super().get_userinfo_claims(request)
        return said | ({"sub": "somebody-else"} if fault() == "subject" else {})

    def finalize_id_token(self, id_token, token, token_handler, request):
        wrong = fault()
        if wrong == "nonce":
            id_token["nonce"] = "of another sign-in"
        if wrong == "audience":
            id_token["aud"] = "another-client"
        text = super().finalize_id_token(id_token, token, token_handler, request)
        if wrong == "signature":
            head, body, _ = text.split(".")
            return f"{head}.{body}.{'A' * 342}"
        if wrong == "unsigned":
            return "eyJhbGciOiJub25lIn0." + text.split(".")[1] + "."
        return text

    def get_id_token_dictionary(self, token, token_handler, request):
        claims, until = super().get_id_token_dictionary(token, token_handler, request)
        if fault() == "issuer":
            claims["iss"] = "https://other.example"
        if fault() == "expired":
            claims["exp"] = int(time.time()) - 3600
        return claims, until


def sign_in(request):
    """Without a password: it is a test."""
    login(
        request, get_user_model().objects.get(username=request.GET["as"]), "django.contrib.auth.backends.ModelBackend"
    )
    return HttpResponse("in")


urlpatterns = [path("login/", sign_in), path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]
sys.modules["urls_of_provider"] = sys.modules[__name__]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


if __name__ == "__main__":
    call_command("migrate", run_syncdb=True, verbosity=0)
    for name in json.loads((folder / "claims.json").read_text()):
        get_user_model().objects.create_user(name)
    model = get_application_model()
    model.objects.create(
        client_id=CLIENT, client_secret=secret, hash_client_secret=False, redirect_uris=redirect, algorithm="RS256",
        client_type="confidential", authorization_grant_type="authorization-code",
    )  # fmt: skip
    server = make_server("127.0.0.1", port, get_wsgi_application(), server_class=Server)
    (folder / "ready").touch()
    server.serve_forever()
