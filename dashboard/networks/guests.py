"""The instances that are plugged into networks, which this app names and links but does not know.

The app of the instances is above this one: when it starts, it says here how a tenant's are found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from dashboard.tenancy.models import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """An instance as networks show it."""

    pk: UUID
    name: str
    status: str


Key = tuple[UUID, str]
"""The cloud's id here, and the cloud's own id of the instance."""
Finder = Callable[[Tenant], Mapping[Key, Guest]]

_finders: list[Finder] = []


def find_with(finder: Finder) -> None:
    """`finder` gives all instances of a tenant that are there, in one query."""
    _finders[:] = [finder]


def guests_of(tenant: Tenant) -> Mapping[Key, Guest]:
    return _finders[0](tenant) if _finders else {}
