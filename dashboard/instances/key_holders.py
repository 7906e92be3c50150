"""Instances as the pages of key pairs show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from dashboard.keypairs.holders import Holder

from .models import Instance


def holders(key_pairs: Collection[UUID]) -> Mapping[UUID, list[Holder]]:
    """Those that are there, by the ids of key pairs, in one query."""
    found: dict[UUID, list[Holder]] = {}
    rows = Instance.objects.listed().filter(key_pair__in=key_pairs).order_by("name", "pk")
    for key_pair, pk, name in rows.values_list("key_pair", "pk", "name"):
        found.setdefault(key_pair, []).append(Holder(pk=pk, name=name))
    return found
