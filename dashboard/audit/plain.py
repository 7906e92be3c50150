"""What `before` and `after` keep: no secret, and only what both databases give back as it was."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

HIDDEN = "•••"
SECRET = ("password", "passcode", "passphrase", "secret", "token", "private_key", "user_data", "adminpass")
LONGEST = 2000


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {text(str(name)): HIDDEN if is_secret(str(name), value) else of(value) for name, value in values.items()}


def is_secret(name: str, value: Any) -> bool:
    """A text under such a name. A list of the names of secrets is none."""
    return isinstance(value, str) and bool(value) and any(word in name.lower() for word in SECRET)


def of(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case int():
            return int(value)  # of an enumeration too
        case float():
            return number(value)
        case Mapping():
            return plain(value)
        case list() | tuple() | set() | frozenset():
            return [of(one) for one in value]
    return text(str(value))


def number(value: float) -> float | int | str:
    """PostgreSQL gives 1e30 back as a whole number, and keeps no infinity."""
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) >= 1e15 else value


def text(value: str) -> str:
    """PostgreSQL keeps no NUL and no half of a character."""
    value = value.replace("\0", "").encode(errors="replace").decode()
    return value if len(value) <= LONGEST else value[:LONGEST] + "…"
