"""The instances that have a key pair, which this app names and links but does not know.

The app of the instances is above this one: when it starts, it says here how they are found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """An instance as key pairs show it."""

    pk: UUID
    name: str


Finder = Callable[[Collection[UUID]], Mapping[UUID, list[Holder]]]

_finders: list[Finder] = []


def find_with(finder: Finder) -> None:
    """`finder` gives the instances that are there, by the ids of key pairs, in one query."""
    _finders[:] = [finder]


def holders_of(key_pairs: Collection[UUID]) -> Mapping[UUID, list[Holder]]:
    return _finders[0](key_pairs) if _finders else {}
