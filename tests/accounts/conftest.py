"""People with second factors, and browsers that know them."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from tests.conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def no_tries_counted():
    cache.clear()
    yield
    cache.clear()


def sign_in(client, login, password=PASSWORD, **more):
    return client.post("/accounts/login/", {"login": login, "password": password}, **more)


def signed_in(user) -> Client:
    """By the door, so that django-allauth knows with what."""
    client = Client()
    assert sign_in(client, user.username).status_code == 302
    return client


def code_of(secret: str = SECRET, *, steps: int = 0) -> str:
    """What an app shows now, or showed so many steps of 30 seconds ago."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def give_app(user) -> Authenticator:
    return TOTP.activate(user, SECRET).instance


def give_codes(user) -> list[str]:
    return RecoveryCodes.activate(user).generate_codes()


def give_passkey(user, name="Laptop") -> Authenticator:
    """A row as a browser's answer makes it; it signs nobody in."""
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
    )
