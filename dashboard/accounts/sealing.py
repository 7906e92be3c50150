"""The secrets of second factors in the database, sealed with a key that is not in the database.

Recovery codes and the secret of an authenticator app have to be read again, so they are not hashed. The keys are
settings.FIELD_KEYS, as for clouds: the first seals, all of them open.
"""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


class SealingAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "Skydeck"

    def why_kept(self, authenticator: Authenticator) -> str:
        """Why this one cannot be removed; empty when it can."""
        return ""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not self.why_kept(authenticator)
