"""What an administrator pastes, read into settings of connections: a `clouds.yaml`, or an openrc.

Nothing of it is ever run, no file that it names is opened, and no address in it is asked.
"""

from __future__ import annotations

from . import pasted_clouds, pasted_openrc
from .pasted import Note, Pasted, PasteError

__all__ = ["ERRORS", "NOTES", "Note", "PasteError", "Pasted", "read"]

MAX_CHARACTERS = 256 * 1024
"""The longest `clouds.yaml` seen in public has some 10 KiB."""

ERRORS = frozenset(
    {
        "alias-too-many",
        "empty",
        "not-a-list",
        "not-a-map",
        "not-text",
        "nothing-known",
        "quote-open",
        "too-deep",
        "too-long",
        "too-many",
        "yaml",
    }
)

NOTES = frozenset(
    {
        "auth-type",
        "auth-url-missing",
        "auth-url-odd",
        "cacert-path",
        "client-certificate",
        "command",
        "credential-by-name",
        "domain-by-id",
        "identity-v2",
        "password-missing",
        "profile-unknown",
        "project-by-id",
        "project-missing",
        "secret-missing",
        "system-scope",
        "user-by-id",
        "user-missing",
        "variable",
        "verify-off",
    }
)


def read(text: str) -> tuple[Pasted, ...]:
    """Every cloud in every region that the text describes, at least one. Raises PasteError and nothing else."""
    if not text.strip():
        raise PasteError("empty")
    if len(text) > MAX_CHARACTERS:
        raise PasteError("too-long", values={"most": str(MAX_CHARACTERS // 1024)})
    if pasted_openrc.is_openrc(text):
        return (pasted_openrc.read(text),)
    return pasted_clouds.read(text)
