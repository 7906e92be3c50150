"""Keys with which people use the cloud's own tools, and the files in which those tools look for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """`secret` are the settings that let in with it, in the words of the driver's connection. Nobody can ask again."""

    id: str
    secret: Mapping[str, str] = field(repr=False)


class Access(Protocol):
    """Needs the cloud's admin credential. Every call may be repeated.

    `person` and `mark` are ours and never change: who has the key, and which key it is. A key whose answer was lost
    has no id that we know, so all is found by the mark.
    """

    def issue(self, place_id: str, *, person: str, mark: str, label: str) -> IssuedKey:
        """A new key of this person's, into the place, with the rights of a member and no more.

        One that carries the mark is ended first: its secret is in nobody's hands. `label` says to the cloud's
        administrators whose it is and what for. Raises NotFound where the place is gone.
        """
        ...

    def revoke(self, place_id: str, *, person: str, mark: str) -> None:
        """End one. One that is gone is success."""
        ...

    def end(self, place_id: str, *, person: str) -> None:
        """End all of this person's in the place, and nobody else's."""
        ...

    def end_all(self, place_id: str) -> None:
        """End everybody's in the place. What Skydeck itself works with stays."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFile:
    """A file for a person's own machine. `hint` is a command that uses it, to be shown beside it."""

    name: str
    text: str = field(repr=False)
    hint: str = ""
    kind: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where programs find the cloud: what a person types who has no use for files."""

    name: str
    value: str
