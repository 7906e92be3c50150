"""Lines of use with what they cost, as pages and files show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .models import Counted, PriceList, Span
from .prices import Money, added, cost, periods
from .reading import Days, Found, Key, Use, by_instance, counted, uses


@dataclass(frozen=True, slots=True)
class Line:
    """`name` is what stands at its beginning; `more` what tells two of a name apart."""

    use: Use = field(default_factory=Use)
    money: Money = field(default_factory=dict)
    name: Any = ""
    more: str = ""

    def __add__(self, other: Line) -> Line:
        return Line(self.use + other.use, added(self.money, other.money), self.name, self.more)


Lines = dict[Key, Line]


class Books:
    """Everything that is read once for a page: since when is counted, and all lists of prices. Two queries."""

    def __init__(self, *, now_s: int) -> None:
        self.now_s = now_s
        self.counted: Counted = counted()
        self.lists = list(PriceList.objects.all())

    def lines(self, days: Days, *, by: Sequence[str], tenant_id: UUID | None = None) -> Lines:
        """By any of `day`, `tenant_id`, `cloud_id`, `flavor`."""
        until = self.counted.rolled_until
        return self._priced(days, lambda some: uses(some, by=by, now_s=self.now_s, until=until, tenant_id=tenant_id))

    def instances(self, days: Days, *, tenant_id: UUID) -> Lines:
        return self._priced(days, lambda some: by_instance(some, now_s=self.now_s, tenant_id=tenant_id))

    def _priced(self, days: Days, read: Callable[[Days], Found]) -> Lines:
        found: Lines = {}
        for some, prices in periods(days, self.lists):
            for key, use in read(some).items():
                found[key] = found.get(key, Line()) + Line(use, cost(use, prices))
        return found

    def nothing_on(self, day: date) -> Line:
        """A day without use: it costs 0 where there are prices."""
        return Line(Use(), cost(Use(), periods(Days(day, day), self.lists)[0][1]))

    def currencies(self, days: Days) -> list[str]:
        """Of the prices that hold on any of the days: the columns of costs. None where there are no prices."""
        held = [prices.currency for _some, prices in periods(days, self.lists) if prices]
        return list(dict.fromkeys(held))


def folded(lines: Lines, *, to: Callable[[Key], Key]) -> Lines:
    found: Lines = {}
    for key, line in lines.items():
        found[to(key)] = found.get(to(key), Line()) + line
    return found


def total(lines: Iterable[Line]) -> Line:
    whole = Line()
    for line in lines:
        whole = whole + line
    return whole


# --- names ------------------------------------------------------------------------


def cloud_names(pks: Iterable[UUID]) -> dict[UUID, str]:
    """Also of those that were removed. One query, or two."""
    wanted = set(pks)
    names: dict[UUID, str] = dict(Cloud.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return last_names("cloud", wanted - set(names)) | names


def tenants_by_id(pks: Iterable[UUID]) -> tuple[dict[UUID, Tenant], dict[UUID, str]]:
    """Those that are there, and the names of those that were deleted."""
    wanted = set(pks)
    there = {tenant.pk: tenant for tenant in Tenant.objects.filter(pk__in=wanted)}
    return there, last_names("tenant", wanted - set(there))


def instance_names(pks: Iterable[UUID]) -> dict[UUID, str]:
    return last_names("instance", set(pks))


def last_names(what: str, pks: set[UUID]) -> dict[UUID, str]:
    """As they were called when last seen."""
    if not pks:
        return {}
    spans = Span.objects.filter(**{f"{what}_id__in": pks}).order_by("began_s")
    return dict(spans.values_list(f"{what}_id", f"{what}_name"))


def days_shown(days: Days, *, since: date, today: date) -> list[date]:
    """The newest first, and none of before counting began."""
    return list(days.within(since, today))[::-1]
