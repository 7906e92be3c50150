"""Secrets of clouds in the database: sealed with a key that is not in the database.

The keys are settings.FIELD_KEYS: the first seals, all of them open, so a key is replaced by putting
a new one in front and running `manage.py rotate_secrets`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from dashboard.ui import scrubbing


class Unreadable(Exception):
    """A secret was sealed with a key that we do not have."""

    def __init__(self) -> None:
        super().__init__("A stored secret cannot be read with the keys in SKYDECK_FIELD_KEYS.")


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def seal(secrets: Mapping[str, str]) -> str:
    """Text for a row. Nothing to seal is the empty text."""
    scrubbing.learn(secrets)
    return _fernet().encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""


def unseal(sealed: str) -> dict[str, str]:
    """What was sealed. Raises Unreadable."""
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_fernet().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise Unreadable from error
    scrubbing.learn(opened)
    return opened


def seal_text(text: str) -> str:
    """One text for a row, to be read with `unseal_text`. The empty text is sealed as the empty text."""
    return seal({"text": text}) if text else ""


def unseal_text(sealed: str) -> str:
    """Raises Unreadable."""
    return unseal(sealed).get("text", "")
