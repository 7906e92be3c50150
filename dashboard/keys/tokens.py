"""The text of a key, and its hash.

SHA-256 without salt is enough: the secret is 256 bits from the system's generator, which nobody guesses or has in a
table, and the hash is computed with each request.
"""

from __future__ import annotations

import hashlib
import re
import secrets

TOKEN = re.compile(r"sky_([0-9a-f]{12})_([0-9a-f]{64})")


def make() -> tuple[str, str]:
    """A new public id and a new secret."""
    return secrets.token_hex(6), secrets.token_hex(32)


def token_of(public_id: str, secret: str) -> str:
    return f"sky_{public_id}_{secret}"


def parse(token: str) -> tuple[str, str] | None:
    """Public id and secret; None for what is no token of ours."""
    found = TOKEN.fullmatch(token)
    return (found[1], found[2]) if found else None


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
