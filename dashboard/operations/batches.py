"""Many operations that were asked for at once: how they begin, and how far they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.models import Cloud
from dashboard.tenancy.access import Actor

from .models import OPEN, Batch, Operation, State
from .words import Text


def open_batch(
    actor: Actor,
    *,
    kind: str,
    key: str,
    refused: Iterable[Mapping[str, Any]] = (),
    again_of: Batch | None = None,
    again_for: Iterable[str] = (),
) -> tuple[Batch, bool]:
    """The tenant's batch of this key, and whether it is new: one that was there has its operations already.

    With `again_of` it asks once more for those things of that batch whose ids are in `again_for`.
    Part of the caller's transaction, before its operations; each names it (`flow.start(batch=...)`).
    """
    key = sha256(f"{actor.tenant.pk}:{key}".encode()).hexdigest()  # a form can send any key, of any length
    if there := Batch.objects.filter(tenant=actor.tenant, key=key).first():
        return there, False
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                tenant=actor.tenant,
                kind=kind,
                key=key,
                requested_by=actor.user,
                requested_by_name=actor.user.username,
                refused=[dict(one) for one in refused],
                again_of=again_of,
                again_for=list(again_for),
            )
    except IntegrityError:  # the second of two clicks, whose first had not committed when we looked
        return Batch.objects.get(tenant=actor.tenant, key=key), False
    return batch, True


def settle_refused(batch: Batch, refused: Iterable[Mapping[str, Any]]) -> None:
    """What was not asked for, now that all have been gone through."""
    batch.refused = [dict(one) for one in refused]
    batch.save(update_fields=["refused"])


def to_ask_again(batch: Batch) -> dict[str, dict[str, Any]]:
    """Whose operation failed and who was not reached, with the arguments; by the id of the thing."""
    progress = Progress(batch)
    return {
        item.target_id: item.operation.arguments if item.operation else item.arguments
        for item in progress.items
        if item.target_id in progress.again
    }


_still_there: dict[str, Callable[[Batch], set[str]]] = {}


def narrow_with(kind: str, find: Callable[[Batch], set[str]]) -> None:
    """For batches of this kind `find` says which things, by id, can be asked for again at all."""
    _still_there[kind] = find


COUNTS = {
    "done": Q(operations__state=State.DONE),
    "failed": Q(operations__state=State.FAILED),
    "cancelled": Q(operations__state=State.CANCELLED),
    "open": Q(operations__state__in=OPEN),
}
"""Of a batch's operations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A batch that asks once more for a part of another: for those `ids` of it, with these results until now."""

    batch: Batch
    ids: list[str]
    results: str


def asked_again(batch: Batch) -> list[Again]:
    """The oldest first."""
    counts = {name: Count("operations", filter=which) for name, which in COUNTS.items()}
    found = batch.asked_again.annotate(**counts).order_by("created_at")
    return [Again(batch=one, ids=one.again_for, results=results(one)) for one in found]


def taken_up(batch: Batch) -> set[str]:
    """The ids of those things of it that were asked for again."""
    return {one for ids in batch.asked_again.values_list("again_for", flat=True) for one in ids}


def results(batch: Batch) -> str:
    """`48 done, 2 failed`, of a batch that was read with COUNTS."""
    found = ((words, getattr(batch, name, 0)) for name, words in RESULTS.items())
    return ", ".join(str(words) % number for words, number in found if number)


RESULTS: dict[str, Text] = {
    "done": _("%s done"),
    "failed": _("%s failed"),
    "cancelled": _("%s cancelled"),
    "open": _("%s under way"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing of a batch: with its operation, or with the reason why none was begun, or not reached yet."""

    name: str
    target_id: str
    operation: Operation | None = None
    reason: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """`done`, `failed`, `cancelled`, `open`, `refused` or `left`."""
        if self.operation is None:
            return "refused" if self.reason else "left"
        return "open" if self.operation.is_open else self.operation.state


def without_operation(one: Mapping[str, Any]) -> Item:
    return Item(
        name=one["name"], target_id=one.get("id", ""), reason=one["reason"], arguments=one.get("arguments") or {}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What is in one state: `name` is that of Item.state, empty for all."""

    name: str
    label: Text
    count: int


ASKING = timedelta(minutes=2)
"""The longest that asking for all of a batch takes. What is left after that was interrupted."""
AGAIN = {"failed", "cancelled", "left"}
"""The states of Item in which a thing may be asked for again."""
GROUPS: dict[str, Text] = {
    "open": _("Under way"),
    "left": _("Not reached"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
    "refused": _("Not asked for"),
    "done": _("Done"),
}


class Progress:
    """How far a batch is, in one query. `only` narrows `items` to one of GROUPS; the counts are of all."""

    def __init__(self, batch: Batch, *, only: str = "") -> None:
        operations = batch.operations.select_related("cloud").order_by("created_at", "target_name")
        items = [Item(name=o.target_name, target_id=str(o.target_id), operation=o) for o in operations]
        asked = {item.target_id for item in items}
        others = [one for one in batch.refused if one.get("id", "") not in asked or not one.get("id")]
        items += [without_operation(one) for one in others]
        self.batch = batch
        self.only = only if only in GROUPS else ""
        self.items = [item for item in items if self.only in ("", item.state)]
        self.clouds: list[Cloud] = list({o.cloud_id: o.cloud for o in operations}.values())
        counts = Counter(item.state for item in items)
        self.whole = len(items)
        self.asked = self.whole - counts["refused"]
        self.done, self.open, self.left = counts["done"], counts["open"], counts["left"]
        self.is_being_asked = bool(self.left) and timezone.now() - batch.created_at < ASKING
        self.failed = counts["failed"] + counts["cancelled"]
        self.refused = counts["refused"]
        self.asked_again: list[Again] = []
        self.taken: set[str] = set()
        """The ids of what was asked for again."""
        self.again = self._again({item.target_id for item in items if item.state in AGAIN})
        """The ids of what can still be asked for again, when it is over."""
        self.groups = [Group(name=name, label=GROUPS[name], count=counts[name]) for name in GROUPS if counts[name]]

    def _again(self, ended_badly: set[str]) -> set[str]:
        if not ended_badly:
            return set()
        self.asked_again = asked_again(self.batch)
        self.taken = {one for again in self.asked_again for one in again.ids}
        left = ended_badly - self.taken
        find = _still_there.get(self.batch.kind)
        return left & find(self.batch) if left and find else left

    @property
    def to_ask_again(self) -> int:
        """How many could be asked for again, when it is over."""
        return 0 if self.open or self.is_being_asked else len(self.again)

    @property
    def ended(self) -> int:
        return self.done + self.failed
