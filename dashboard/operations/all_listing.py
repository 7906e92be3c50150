"""The operations of all tenants, those that are open first. A page costs the same however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Max, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.models import Cloud
from dashboard.tenancy.fields import tenant_called

from .choices import CANCEL, ICONS, LABELS, RESUME, ROLL_BACK, WAIT_ON
from .listing import PAGE, SHOWN, Chip, kinds_by_noun, position_of
from .models import OPEN, Operation, OperationQuerySet, State
from .words import KINDS, Text

SINCE: dict[str, tuple[Text, timedelta | None]] = {
    "": (_("At any time"), None),
    "1h": (_("In the last hour"), timedelta(hours=1)),
    "1d": (_("In the last day"), timedelta(days=1)),
    "7d": (_("In the last 7 days"), timedelta(days=7)),
    "30d": (_("In the last 30 days"), timedelta(days=30)),
}
OPEN_PART, OVER_PART = "open", "over"
FIELDS = ("show", "kind", "tenant", "cloud", "who", "text", "since")
LONGEST_TEXT = 200


class AllOperations:
    """`?show=&kind=&tenant=<slug or name>&cloud=<name>&who=&text=&since=1h&before=<part>_<time>_<id>`.

    What is no choice is left out, except a tenant: that is typed. The open ones come first, the newest of them first,
    then the rest.
    """

    def __init__(self, query: QueryDict) -> None:
        self.clouds = list(Cloud.objects.all())
        self.chosen = {name: query.get(name, "").strip()[:LONGEST_TEXT] for name in FIELDS}
        self.leave_out("show", SHOWN)
        self.leave_out("kind", KINDS)
        self.leave_out("since", SINCE)
        self.problem = self.find_tenant()
        self.leave_out("cloud", [cloud.name for cloud in self.clouds])
        part, _underscore, rest = query.get("before", "").partition("_")
        self.before = position_of(rest) if part in (OPEN_PART, OVER_PART) else None
        self.part = part if self.before else OPEN_PART
        rows = self.page()
        self.rows, self.has_more = rows[:PAGE], len(rows) > PAGE
        self.mark_past()

    def leave_out(self, name: str, known: Any) -> None:
        if self.chosen[name] not in known:
            self.chosen[name] = ""

    def find_tenant(self) -> str:
        """What was typed becomes its short name. Or why it is none: then nothing is found."""
        try:
            self.chosen["tenant"] = tenant_called(self.chosen["tenant"]).slug if self.chosen["tenant"] else ""
        except ValidationError as error:
            return str(error.message)
        return ""

    def page(self) -> list[Operation]:
        """One row more than is shown. Two queries at most, each along an index."""
        found = self.found().select_related("cloud", "tenant").order_by("-created_at", "-id")
        rows: list[Operation] = []
        if self.part == OPEN_PART:
            rows = list(self.after(found.open(), OPEN_PART)[: PAGE + 1])
        if len(rows) <= PAGE and self.chosen["show"] not in ("open", "stuck"):
            over = self.after(found.exclude(state__in=OPEN), OVER_PART)
            rows += list(over[: PAGE + 1 - len(rows)])
        return rows

    def after(self, found: OperationQuerySet, part: str) -> OperationQuerySet:
        if self.before is None or part != self.part:
            return found
        at, pk = self.before
        return found.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(pk__lt=pk))

    def found(self) -> OperationQuerySet:
        operations, chosen = Operation.objects.all(), self.chosen
        if self.problem:
            return operations.none()
        if chosen["show"] == "stuck":
            operations = operations.stuck()
        elif chosen["show"] == "failed":
            operations = operations.filter(state=State.FAILED)
        wanted = {"kind": "kind", "tenant": "tenant__slug", "cloud": "cloud__name", "who": "requested_by_name__iexact"}
        operations = operations.filter(**{path: chosen[name] for name, path in wanted.items() if chosen[name]})
        if span := SINCE[chosen["since"]][1]:
            operations = operations.filter(created_at__gt=timezone.now() - span)
        return operations.filter(named(chosen["text"])) if chosen["text"] else operations

    def mark_past(self) -> None:
        """Of each failed one, whether something was done with its thing since: then nothing of it is to be mended."""
        failed = [row.target_id for row in self.rows if row.state == State.FAILED]
        newest = newest_of(failed)
        for row in self.rows:
            row.deeds = deeds_of(row, newest)  # type: ignore[attr-defined]

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen.values())

    @property
    def chips(self) -> list[Chip]:
        return [Chip(label, self.query(show=name), name == self.chosen["show"]) for name, label in SHOWN.items()]

    @property
    def kinds(self) -> Sequence[Any]:
        return kinds_by_noun()

    @property
    def spans(self) -> list[tuple[str, Text]]:
        return [(name, label) for name, (label, _span) in SINCE.items()]

    @property
    def older(self) -> str:
        """The address of what comes after these."""
        last = self.rows[-1]
        part = OPEN_PART if last.is_open else OVER_PART
        return self.query(before=f"{part}_{last.created_at.isoformat()}_{last.pk}")

    @property
    def newest(self) -> str:
        return self.query()

    def query(self, **changed: str) -> str:
        """The address's query with something else chosen; from its beginning."""
        kept = {name: value for name, value in (self.chosen | changed).items() if value}
        return "?" + urlencode(kept) if kept else "."


def named(text: str) -> Q:
    """A part of the name of what it works on, or an id: of the operation, or of that thing."""
    try:
        pk = UUID(text)
    except ValueError:
        return Q(target_name__icontains=text)
    return Q(pk=pk) | Q(target_id=pk)


def newest_of(targets: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the last operation on each was asked for. One query, and none for none."""
    rows = Operation.objects.filter(target_id__in=targets).order_by().values_list("target_id")
    return dict(rows.annotate(newest=Max("created_at"))) if targets else {}


def deeds_of(operation: Operation, newest: dict[UUID, datetime]) -> list[tuple[str, Text, str]]:
    """What may be done about it, as far as its row tells; the question that each asks knows the rest."""
    names: tuple[str, ...] = ()
    if operation.is_open and not operation.error_code:
        names = (WAIT_ON, CANCEL) if operation.stuck else (CANCEL,)
    elif operation.state == State.FAILED and newest.get(operation.target_id) == operation.created_at:
        names = (RESUME, ROLL_BACK)
    return [(name, LABELS[name], ICONS[name]) for name in names]
