"""What a kind of cloud does not take of what people type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def as_it_is(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The same for every cloud of a kind and known without a call, so that a form says it before the cloud would.

    A driver refuses by the same values: what it lets through is within them, what it refuses for its form is not.
    """

    user_data_bytes: int | None = None
    """At most so many, before they are encoded for the cloud. None: as many as Skydeck keeps."""
    key_types: tuple[str, ...] = ()
    """With which a public key begins, such as `ssh-rsa`; none: with any that OpenSSH has."""
    reserved: tuple[str, ...] = ()
    """How no tag, and no key of metadata, may begin."""
    reserved_words: tuple[str, ...] = ()
    """What none may be."""
    place_name: Callable[[str], str] = as_it_is
    """The nearest name that a place can have: what was given, where that will do."""

    def takes_key(self, public_key: str) -> bool:
        return not self.key_types or public_key.lstrip().startswith(tuple(f"{kind} " for kind in self.key_types))

    def reserves(self, key: str) -> str:
        """What about this tag or key is the cloud's own: its beginning, or all of it. Empty where it may be had."""
        if key in self.reserved_words:
            return key
        return next((begin for begin in self.reserved if key.startswith(begin)), "")
