"""The second factors that a person has."""

from __future__ import annotations

from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator

from .models import User

REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are none: they are what is left when one of these is lost."""


@dataclass(slots=True)
class Factors:
    app: Authenticator | None = None
    passkeys: list[Authenticator] = field(default_factory=list)
    codes: Authenticator | None = None

    @property
    def count(self) -> int:
        return len(self.passkeys) + (self.app is not None)

    @property
    def codes_left(self) -> int:
        return len(self.codes.wrap().get_unused_codes()) if self.codes else 0


def factors_of(user: User) -> Factors:
    found = Factors()
    for one in Authenticator.objects.filter(user=user).order_by("created_at"):
        if one.type == Authenticator.Type.WEBAUTHN:
            found.passkeys.append(one)
        elif one.type == Authenticator.Type.TOTP:
            found.app = one
        else:
            found.codes = one
    return found


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=REAL).exists())
