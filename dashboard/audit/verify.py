"""Proving that nobody changed the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .models import Chain, Entry
from .record import CHAINED, digest

REMOVAL = "audit.remove"
"""The verb of the entry that says what was removed for its age."""
AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first entry that does not follow from the one before it. `why` is for whoever runs Skydeck."""

    chain: str
    number: int
    why: str


@dataclass(slots=True)
class Checked:
    """How many entries were looked at so far."""

    entries: int = 0


def chains() -> Iterator[str]:
    """The names of all chains, also of one whose head was removed."""
    yield from Chain.objects.order_by("name").values_list("name", flat=True).iterator(chunk_size=AT_ONCE)
    heads = Chain.objects.values("name")
    yield from Entry.objects.exclude(chain__in=heads).order_by("chain").values_list("chain", flat=True).distinct()


def first_broken(name: str, *, checked: Checked | None = None) -> Broken | None:
    """None when every entry of the chain follows, from its anchor to its head. Looks at a thousand at a time.

    What is appended meanwhile is left for the next time; what is removed meanwhile begins it anew.
    """
    while True:
        chain = Chain.objects.filter(name=name).first() or Chain(name=name)
        counted = Checked()
        found = look_through(chain, counted)
        if found is None or not Chain.objects.filter(name=name, removed__gt=chain.removed).exists():
            if checked is not None:
                checked.entries += counted.entries
            return found


def look_through(chain: Chain, checked: Checked) -> Broken | None:
    number, previous, removal = chain.removed, chain.anchor, ""
    for entry in entries_of(chain):
        number += 1
        if why := why_broken(entry, number=number, previous=previous):
            return Broken(chain=chain.name, number=min(number, entry.number), why=why)
        previous = entry.digest
        checked.entries += 1
        if entry.verb == REMOVAL:
            removal = str(entry.after.get("digest", ""))
    if number < chain.length:
        return Broken(chain=chain.name, number=number + 1, why="it is missing at the end")
    if previous != chain.head:
        return Broken(chain=chain.name, number=number, why="the head of the chain is another one's")
    if removal != chain.anchor:
        return Broken(chain=chain.name, number=chain.removed, why="no entry says that those up to here were removed")
    return None


def entries_of(chain: Chain) -> Iterable[Entry]:
    """In slices of their own, so that no database holds more than one of them."""
    after = -1
    mine = Entry.objects.filter(chain=chain.name).order_by("number")
    if Chain.objects.filter(pk=chain.name).exists():
        mine = mine.filter(number__lte=chain.length)
    while some := list(mine.filter(number__gt=after)[:AT_ONCE]):
        yield from some
        after = some[-1].number


def why_broken(entry: Entry, *, number: int, previous: str) -> str:
    if entry.number != number:
        return "it is missing"
    if entry.version not in CHAINED:
        return "its version is unknown"
    if "via" not in CHAINED[entry.version] and (entry.on_behalf_of or entry.via):
        return "it says more than its digest covers"
    if entry.previous != previous:
        return "it does not follow from the one before it"
    return "" if entry.digest == digest(entry) else "it was changed"
