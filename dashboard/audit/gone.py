"""Tenants that were deleted: the entry of it keeps what they were called, under their id.

It is the last of its chain, so the removal of what is too old leaves it as long as anything else of the tenant's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from .models import Entry


@dataclass(frozen=True, slots=True)
class Gone:
    """As it was called in the end."""

    slug: str
    name: str


def deletions() -> QuerySet[Entry]:
    """`object_id` is the tenant's, `object_name` its slug, and `before` has its `name`."""
    return Entry.objects.filter(verb="tenant.delete")


def gone_tenants(pks: Iterable[str]) -> dict[str, Gone]:
    """By their ids, those that were deleted here. One query, or none for no ids."""
    wanted = set(pks)
    found = deletions().filter(object_id__in=wanted).order_by("id") if wanted else ()
    return {entry.object_id: Gone(entry.object_name, entry.before.get("name") or entry.object_name) for entry in found}
