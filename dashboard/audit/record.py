"""Adding to the audit trail, and proving that nobody changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone

from .models import Chain, Entry

_CHAINED = (
    *("chain", "number", "at", "actor", "address", "tenant", "verb", "object_kind", "object_id", "object_name"),
    *("outcome", "operation_id", "before", "after", "previous"),
)


def digest(entry: Entry) -> str:
    """SHA-256 over every field of the entry, the digest of the one before it included."""
    values = {name: getattr(entry, name) for name in _CHAINED}
    values["at"] = entry.at.isoformat()
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def record(
    verb: str,
    *,
    actor: str,
    tenant: str,
    object_kind: str,
    object_id: object,
    object_name: str,
    outcome: str = "accepted",
    address: str | None = None,
    operation_id: object = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one entry to the tenant's chain, in the caller's transaction, as its last write.

    Last, because the UPDATE of the chain's head holds its row until the commit: taking the
    locks of quota first and this one last in every action leaves no room for a deadlock.
    """
    name = tenant or "installation"
    if not Chain.objects.filter(name=name).update(length=F("length") + 1):
        Chain.objects.get_or_create(name=name)
        Chain.objects.filter(name=name).update(length=F("length") + 1)
    chain = Chain.objects.get(name=name)
    entry = Entry(
        chain=name,
        number=chain.length,
        at=timezone.now(),
        actor=actor,
        address=address,
        tenant=tenant,
        verb=verb,
        object_kind=object_kind,
        object_id=str(object_id),
        object_name=object_name,
        outcome=outcome,
        operation_id=str(operation_id),
        before=dict(before or {}),
        after=dict(after or {}),
        previous=chain.head,
    )
    entry.digest = digest(entry)
    entry.save(force_insert=True)
    Chain.objects.filter(name=name).update(head=entry.digest)
    return entry


def first_broken(chain: str) -> Entry | None:
    """The first entry of a chain that does not follow from the one before it; None when all do."""
    previous = ""
    entries = Entry.objects.filter(chain=chain).order_by("number").iterator(chunk_size=1000)
    for number, entry in enumerate(entries, start=1):
        if entry.number != number or entry.previous != previous or entry.digest != digest(entry):
            return entry
        previous = entry.digest
    return None
