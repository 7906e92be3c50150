"""Adding to the audit trail."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict, Unpack

from django.db.models import F
from django.utils import timezone

from .models import Chain, Entry
from .plain import plain
from .register import begin

_FIRST = (
    *("chain", "number", "at", "actor", "address", "tenant", "verb", "object_kind", "object_id", "object_name"),
    *("outcome", "operation_id", "before", "after", "previous"),
)
CHAINED: dict[int, tuple[str, ...]] = {1: _FIRST, 2: (*_FIRST, "version", "on_behalf_of", "via")}
"""Over which fields the digest is. What was written with an earlier version is proved with that one, for ever."""
NEWEST = max(CHAINED)


def digest(entry: Entry) -> str:
    """SHA-256 over every field of the entry, the digest of the one before it included."""
    values = {name: getattr(entry, name) for name in CHAINED[entry.version]}
    values["at"] = entry.at.isoformat()
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class About(TypedDict, total=False):
    """What an entry says beside its verb.

    `outcome` is `done` where this transaction did it, and `accepted` only where somebody does it later.
    """

    actor: Required[str]
    on_behalf_of: str
    via: str
    tenant: Required[str]
    object_kind: Required[str]
    object_id: Required[object]
    object_name: Required[str]
    outcome: Required[str]
    address: str | None
    operation_id: object
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def record(verb: str, **about: Unpack[About]) -> Entry:
    """Append one entry to the tenant's chain. See `append`."""
    entry = entry_of(verb, **about)
    append([entry])
    return entry


def entry_of(verb: str, **about: Unpack[About]) -> Entry:
    """An entry that has no place in its chain yet."""
    return Entry(
        chain=about["tenant"] or "installation",
        version=NEWEST,
        at=timezone.now(),
        actor=about["actor"][:150],
        on_behalf_of=about.get("on_behalf_of", "")[:150],
        via=about.get("via", "")[:150],
        address=address_of(about.get("address")),
        tenant=about["tenant"],
        verb=verb,
        object_kind=about["object_kind"],
        object_id=str(about["object_id"]),
        object_name=about["object_name"].replace("\0", "")[:255],
        outcome=about["outcome"],
        operation_id=str(about.get("operation_id", "")),
        before=plain(about.get("before") or {}),
        after=plain(about.get("after") or {}),
    )


def address_of(text: str | None) -> str | None:
    """As databases write it, or the digest would be of another text; None for what is no address."""
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address).partition("%")[0]


def append(entries: Sequence[Entry]) -> None:
    """Put entries of one chain at its end, in the caller's transaction, as its last write.

    Last, because the UPDATE of the chain's head holds its row until the commit: taking the
    locks of quota first and this one last in every action leaves no room for a deadlock.
    """
    name = entries[0].chain
    if not Chain.objects.filter(name=name).update(length=F("length") + len(entries)):
        if Chain.objects.get_or_create(name=name)[1]:
            begin(name)
        Chain.objects.filter(name=name).update(length=F("length") + len(entries))
    chain = Chain.objects.get(name=name)
    previous = chain.head
    for number, entry in enumerate(entries, start=chain.length - len(entries) + 1):
        entry.number, entry.previous = number, previous
        previous = entry.digest = digest(entry)
    Entry.objects.bulk_create(entries)
    Chain.objects.filter(name=name).update(head=previous)
