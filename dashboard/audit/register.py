"""The list of all chains, so that none goes as a whole without being missed.

Each chain is on it once, from its first entry on and for ever, and each line follows from the one before. Who removes
a tenant's chain leaves its line; who removes the line leaves a gap, or another head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from django.db.models import F

from .models import Beginning, Register


def begin(name: str) -> None:
    """In the transaction of the chain's first entry."""
    while not Register.objects.update(length=F("length") + 1):  # holds it until the end
        Register.objects.get_or_create(pk=1)
    register = Register.objects.get()
    digest = following(register.head, name)
    Beginning.objects.create(name=name, number=register.length, digest=digest)
    Register.objects.update(head=digest)


def following(previous: str, name: str) -> str:
    return hashlib.sha256(f"{previous} {name}".encode()).hexdigest()


def why_list_broken() -> tuple[int, str] | None:
    """The number of the first line that does not follow, and why; None where all do."""
    register, number, previous = Register.objects.first() or Register(), 0, ""
    for line in Beginning.objects.filter(number__lte=register.length).order_by("number").iterator():
        number += 1
        if line.number != number:
            return number, "it is missing"
        if line.digest != following(previous, line.name):
            return number, "it was changed"
        previous = line.digest
    if number < register.length:
        return number + 1, "it is missing at the end"
    return (number, "the head is another one's") if previous != register.head else None


def listed() -> int:
    """How many chains are on the list."""
    register = Register.objects.first()
    return register.length if register else 0


def amiss(there: Iterable[str], *, since: int) -> Iterator[tuple[str, str]]:
    """Of `there`, the chains that are, and those on the list: which do not agree, and why.

    `since` is how many were listed before `there` was looked at: what begins meanwhile is left for the next time.
    """
    found, begun = set(there), set[str]()
    for number, name in Beginning.objects.order_by("number").values_list("number", "name").iterator():
        if name in begun:
            yield name, "it began a second time, and what was before is missing"
        elif name not in found and number <= since:
            yield name, "the whole chain is missing"
        begun.add(name)
    yield from ((name, "nothing says that it began") for name in sorted(found - begun))
