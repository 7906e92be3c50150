"""The list of entries as its URL describes it. A page costs the same however many there are, and begins behind an
entry, not at a number: what is written meanwhile moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from dashboard.audit.models import Entry
from dashboard.instances.filter_fields import Field, Scope
from dashboard.instances.filtering import quoted
from dashboard.tenancy.models import Tenant

from .differences import Difference, differences_of
from .filter_fields import fields_for, filter_of
from .tenants import Named, tenants_of
from .words import LOOKS, NOUNS, OUTCOMES, VERBS, Text

PAGE = 50
MOST_SHOWN = 2
"""Differences in a row of the list; the rest are on the entry's own page."""
TIMES: dict[str, Text] = {"<1d": _("Last day"), "<7d": _("7 days"), "<30d": _("30 days")}
CHIPS = ("accepted", "done", "failed", "refused", "seen")


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice, and the address that has it, or that no longer has it when it is chosen."""

    label: Text
    href: str
    is_on: bool


class Row:
    """An entry in words."""

    def __init__(self, entry: Entry, tenant: Named | None = None) -> None:
        self.entry, self.tenant = entry, tenant

    @property
    def there(self) -> Tenant | None:
        """The tenant, unless it was deleted."""
        return self.tenant.there if self.tenant else None

    @property
    def verb(self) -> Text:
        return VERBS.get(self.entry.verb, self.entry.verb)

    @property
    def outcome(self) -> Text:
        return OUTCOMES.get(self.entry.outcome, self.entry.outcome)

    @property
    def look(self) -> str:
        return LOOKS.get(self.entry.outcome, self.entry.outcome)

    @property
    def noun(self) -> Text:
        return NOUNS.get(self.entry.object_kind, self.entry.object_kind)

    @cached_property
    def differences(self) -> list[Difference]:
        return differences_of(self.entry.before, self.entry.after)

    @property
    def changes(self) -> list[Difference]:
        """The first of those that changed from something to something else, for a list."""
        return [one for one in self.differences if one.state == "changed"][:MOST_SHOWN]

    @property
    def by(self) -> str:
        """The filter that finds all of this person's."""
        return f"who:{quoted(self.entry.actor)}"

    @property
    def about(self) -> str:
        """The filter that finds everything about the same thing."""
        return f"object:{quoted(self.entry.object_id)}" if self.entry.object_id else ""


class EntryList:
    """`queryset` is what this person may see."""

    def __init__(self, queryset: QuerySet[Entry], query: QueryDict, *, scope: Scope) -> None:
        self.scope, self.queryset = scope, queryset
        self.q = query.get("q", "").strip()
        self.filter = filter_of(self.q, scope)
        self.after, self.before = position_of(query.get("after", "")), position_of(query.get("before", ""))

    @property
    def found(self) -> QuerySet[Entry]:
        return self.queryset.filter(self.filter.q)

    @cached_property
    def _page(self) -> tuple[list[Entry], bool, bool]:
        """The entries, whether there are newer ones, and older ones. A page of newer ones that is not full is the
        first."""
        if self.before and not self.after:
            newer = list(self.found.filter(behind(self.before, way="gt")).order_by("at", "id")[: PAGE + 1])
            if len(newer) >= PAGE:
                return newer[:PAGE][::-1], len(newer) > PAGE, True
        older = self.found.filter(behind(self.after, way="lt")) if self.after else self.found
        entries = list(older.order_by("-at", "-id")[: PAGE + 1])
        return entries[:PAGE], bool(self.after), len(entries) > PAGE

    @cached_property
    def rows(self) -> list[Row]:
        entries = self._page[0]
        tenants: dict[str, Named] = {}
        if self.scope.tenant is None:
            tenants = tenants_of(entries)
        return [Row(entry, tenants.get(entry.tenant)) for entry in entries]

    @property
    def newer(self) -> str:
        return self.link(before=text_of(self._page[0][0])) if self._page[1] and self._page[0] else ""

    @property
    def older(self) -> str:
        return self.link(after=text_of(self._page[0][-1])) if self._page[2] else ""

    @property
    def is_first(self) -> bool:
        return not (self.after or self.before)

    # --- links --------------------------------------------------------------------

    def link(self, **changes: str) -> str:
        """This list with something else, from its beginning."""
        state = {"q": self.q} | changes
        kept = {name: value for name, value in state.items() if value}
        return "?" + urlencode(kept)

    @property
    def outcomes(self) -> list[Chip]:
        return [self._chip("outcome", name, OUTCOMES[name]) for name in CHIPS]

    @property
    def times(self) -> list[Chip]:
        return [self._chip("age", value, label) for value, label in TIMES.items()]

    def _chip(self, field: str, value: str, label: Text) -> Chip:
        is_on = self.filter.only(field) == [value]
        rest = self.filter.without(field)
        return Chip(label, self.link(q=rest if is_on else f"{rest} {field}:{value}".strip()), is_on)

    @property
    def ways_out(self) -> list[tuple[str, str]]:
        return [(text, self.link(q=rest)) for text, rest in self.filter.ways_out]

    @property
    def everything(self) -> str:
        return self.link(q="")

    @property
    def help(self) -> list[tuple[str, Field]]:
        return list(fields_for(self.scope).items())


def text_of(entry: Entry) -> str:
    return f"{entry.at.isoformat()}_{entry.pk}"


Position = tuple[datetime, int]


def position_of(text: str) -> Position | None:
    """Where a page begins; None for anything else."""
    at, _underscore, pk = text[:60].partition("_")
    try:
        moment = parse_datetime(at.replace(" ", "+"))
        return (moment, int(pk)) if moment is not None and moment.tzinfo and 0 <= int(pk) < 2**63 else None
    except ValueError:
        return None


def behind(position: Position, *, way: str) -> Q:
    """Those that come after it; the first comparison alone says the same less exactly: an index can do it."""
    at, pk = position
    return Q(**{f"at__{way}e": at}) & (Q(**{f"at__{way}": at}) | Q(**{f"id__{way}": pk}))
