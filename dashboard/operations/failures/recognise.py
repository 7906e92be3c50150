"""From an error of a driver, or a text that a cloud left on an instance, to a code and its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.clouds.interface import AuthFailed, CloudError, Conflict, NotFound, Refused, Unavailable

from .catalogue import FAILURES
from .limits import OUR_NAMES

GIB = 1 << 30
LONGEST_READ = 4000
"""So much of a text is looked at: it is hostile, and expressions take their time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What rows store."""

    code: str
    values: dict[str, str] = field(default_factory=dict)


def told_by(error: CloudError) -> Told:
    """By the signs of the catalogue; where none matches, by the kind of the error."""
    return read(error.detail, source=error.source, status=error.http_status) or Told(by_kind(error))


def told_by_fault(text: str, *, values: Mapping[str, str] | None = None) -> Told:
    """What Nova wrote on a server that went into ERROR. `values` are what we know of the instance ourselves."""
    found = read(text, source="nova", status=0) or Told("build-error")
    return Told(found.code, {**(values or {}), **found.values})


def told_by_own(error: Exception) -> Told:
    """An error of our own code."""
    return read(f"{type(error).__name__}: {error}", source="skydeck", status=0) or Told("internal")


def read(text: str, *, source: str, status: int) -> Told | None:
    for code, failure in FAILURES.items():
        for sign in failure.signs:
            values = sign.read(text[:LONGEST_READ], source=source, status=status)
            if values is not None:
                return Told(code, in_our_words(values))
    return None


def in_our_words(values: dict[str, str]) -> dict[str, str]:
    """`cores` is what Nova says, and it counts disks in bytes; rows and words know `vcpus` and GiB."""
    if "resource" in values:
        values["resource"] = OUR_NAMES.get(values["resource"].lower(), values["resource"])
    for name in [name for name in values if name.endswith("_bytes")]:
        values[name.replace("_bytes", "_gib")] = str(-(-int(values.pop(name)) // GIB))
    return values


def by_kind(error: CloudError) -> str:
    if isinstance(error, Refused):
        return f"refused-{error.reason.value}"
    for kind, code in (
        (Unavailable, "cloud-away"),
        (AuthFailed, "credentials"),
        (NotFound, "gone"),
        (Conflict, "conflict"),
    ):
        if isinstance(error, kind):
            return code
    return "refused-other"
