"""Where we are, who may talk to us, and the secrets that this rests on."""

from __future__ import annotations

import base64
import secrets

from django.core.exceptions import ImproperlyConfigured

from .environment import env, env_bool, env_int, env_list, own_secret

BIND = env("SKYDECK_BIND", "127.0.0.1")
PORT = env_int("SKYDECK_PORT", 8000)
DEBUG = env_bool("SKYDECK_DEBUG")
if DEBUG and BIND not in {"127.0.0.1", "localhost"}:
    raise ImproperlyConfigured("SKYDECK_DEBUG shows secrets in its error pages: not on an address that others reach.")
# Consoles and forms compare the browser's Origin with these, never with the Host header.
ORIGINS = env_list(
    "SKYDECK_ORIGINS", ",".join(f"http://{host}:{PORT}" for host in dict.fromkeys(["127.0.0.1", "localhost", BIND]))
)
IS_HTTPS = all(origin.startswith("https://") for origin in ORIGINS)
ALLOWED_HOSTS = sorted({origin.split("://")[1].rsplit(":", 1)[0] for origin in ORIGINS} | {"127.0.0.1"})
CSRF_TRUSTED_ORIGINS = ORIGINS
SECRET_KEY = own_secret("SKYDECK_SECRET_KEY", file="secret_key", make=lambda: secrets.token_urlsafe(50))
# Seal the secrets of clouds in the database: the first seals, all of them open. See clouds/secrets.py.
FIELD_KEYS = [
    key.strip()
    for key in own_secret(
        "SKYDECK_FIELD_KEYS", file="field_keys", make=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    ).split(",")
]
