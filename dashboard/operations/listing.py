"""The list of operations: which of them, and which page of those. A page costs the same however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.access import Actor

from .models import Operation, OperationQuerySet, State
from .words import KINDS, NOUNS, Text

PAGE = 50
SHOWN: dict[str, Text] = {"": _("All"), "open": _("Under way"), "stuck": _("Stuck"), "failed": _("Failed")}


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice of what is shown, and the address that has it."""

    label: Text
    query: str
    is_chosen: bool


class OperationList:
    """`?show=open|stuck|failed&mine=1&kind=instance.launch&before=<time>_<id>`; what is no choice is left out."""

    def __init__(self, actor: Actor, query: QueryDict) -> None:
        self.show = query.get("show", "") if query.get("show", "") in SHOWN else ""
        self.is_mine = query.get("mine", "") == "1"
        self.kind = query.get("kind", "") if query.get("kind", "") in KINDS else ""
        self.before = position_of(query.get("before", ""))
        found = self.found(actor).select_related("cloud").order_by("-created_at", "-id")
        if self.before is not None:
            at, pk = self.before
            found = found.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(pk__lt=pk))
        rows = list(found[: PAGE + 1])
        self.rows = rows[:PAGE]
        self.has_more = len(rows) > PAGE

    def found(self, actor: Actor) -> OperationQuerySet:
        operations = Operation.objects.for_tenant(actor.tenant)
        if self.show == "open":
            operations = operations.open()
        elif self.show == "stuck":
            operations = operations.stuck()
        elif self.show == "failed":
            operations = operations.filter(state=State.FAILED)
        if self.is_mine:
            operations = operations.filter(requested_by=actor.user)
        return operations.filter(kind=self.kind) if self.kind else operations

    @property
    def is_narrowed(self) -> bool:
        return bool(self.show or self.is_mine or self.kind)

    @property
    def chips(self) -> list[Chip]:
        return [Chip(label, self.query(show=name), name == self.show) for name, label in SHOWN.items()]

    @property
    def mine(self) -> Chip:
        return Chip(_("Mine"), self.query(mine="" if self.is_mine else "1"), self.is_mine)

    @property
    def kinds(self) -> list[tuple[Text, list[tuple[str, Text]]]]:
        return kinds_by_noun()

    @property
    def older(self) -> str:
        """The address of what comes after these."""
        last = self.rows[-1]
        return self.query(before=f"{last.created_at.isoformat()}_{last.pk}")

    @property
    def newest(self) -> str:
        return self.query()

    def query(self, **changed: str) -> str:
        """The address's query with something else chosen; from its beginning."""
        chosen = {"show": self.show, "mine": "1" if self.is_mine else "", "kind": self.kind} | changed
        kept = {name: value for name, value in chosen.items() if value}
        return "?" + urlencode(kept) if kept else "."


def kinds_by_noun() -> list[tuple[Text, list[tuple[str, Text]]]]:
    """By what they work on, for a form."""
    nouns = dict.fromkeys(kind.partition(".")[0] for kind in KINDS)
    return [(NOUNS.get(n, n), [(k, label) for k, label in KINDS.items() if k.partition(".")[0] == n]) for n in nouns]


def position_of(text: str) -> tuple[datetime, UUID] | None:
    """Where a page begins; anything else is the beginning."""
    at, _underscore, pk = text[:100].partition("_")
    try:
        moment = parse_datetime(at)
        return (moment, UUID(pk)) if moment is not None and moment.tzinfo else None
    except ValueError:
        return None
