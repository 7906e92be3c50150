"""The list of instances as its URL describes it: filter, order, place, columns, size of a page. All of it is in the
URL, so that a link that is sent to somebody shows the same; and all of it in a number of queries that does not depend
on how many instances there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Role

from .columns import ALWAYS, COLUMNS, chosen, possible
from .completion import VALUES
from .filter_fields import Field, Scope, busy, fields_for, filter_of, plain
from .models import Instance, InstanceQuerySet
from .rows import Row, rows_of
from .sorting import DEFAULT, KeyPage, page_of, sort_of
from .verbs import STATUS_WORDS, Text

SIZES = (20, 50, 100)
USUAL_SIZE = 50
UNREAD = ("public_key", "user_data", "fault", "metadata", "volume_ids", "held_size")
"""What no row shows, and may be long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a column. `href` sorts by it, the other way round when it is sorted by already."""

    name: str
    label: Text
    href: str = ""
    sorted: str = ""
    """`ascending` or `descending`, as aria-sort has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A status as a quick filter, with how many there are of it under the rest of the filter."""

    label: Text
    look: str
    count: int
    href: str
    is_on: bool


class InstanceList:
    """`queryset` is what this person may see; `clouds` are those that instances are on, as far as they are known."""

    def __init__(
        self, queryset: InstanceQuerySet, query: QueryDict, *, scope: Scope, role: Role, clouds: Iterable[Cloud] = ()
    ) -> None:
        self.scope, self.role, self.queryset = scope, role, queryset
        self.q = query.get("q", "").strip()
        self.sort_name, self.sort = sort_of(query.get("sort", ""))
        if scope.tenant is not None and self.sort_name.removeprefix("-") == "tenant":
            self.sort_name, self.sort = sort_of(DEFAULT)
        self.columns = chosen(
            ",".join(query.getlist("columns")).split(","), is_admin=scope.is_admin, over_all=self.is_over_all
        )
        self.size = next((size for size in SIZES if query.get("size") == str(size)), USUAL_SIZE)
        self.after, self.before = query.get("after", ""), query.get("before", "")
        self.filter = filter_of(self.q, scope)
        self._clouds = {cloud.pk: cloud for cloud in clouds}

    @property
    def is_over_all(self) -> bool:
        return self.scope.tenant is None

    # --- what it shows ------------------------------------------------------------

    @cached_property
    def page(self) -> KeyPage:
        return page_of(
            self.queryset.filter(self.filter.q),
            self.sort,
            size=self.size,
            after=self.after,
            before=self.before,
            show=lambda rows: with_what_rows_show(rows, self.columns, over_all=self.is_over_all),
        )

    def rows(self, *, away: Iterable[UUID] = ()) -> list[Row]:
        instances = self.page.instances
        give_clouds(instances, self._clouds)
        operations = [operation for instance in instances if (operation := operation_on(instance))]
        return rows_of(instances, role=self.role, away=set(away), operations=operations)

    @property
    def heads(self) -> list[Head]:
        return [self._head(name, (ALWAYS | COLUMNS)[name].sort) for name in (*ALWAYS, *self.columns)]

    def _head(self, name: str, sort: str) -> Head:
        label = (ALWAYS | COLUMNS)[name].label
        if not sort:
            return Head(name=name, label=label)
        if self.sort_name.removeprefix("-") != sort:
            return Head(name=name, label=label, href=self.link(sort=sort))
        is_turned = self.sort_name.startswith("-")
        href = self.link(sort=sort if is_turned else f"-{sort}")
        return Head(name=name, label=label, href=href, sorted="descending" if is_turned else "ascending")

    # --- counts -------------------------------------------------------------------

    @cached_property
    def _counts(self) -> list[tuple[str, int, int, int, int]]:
        """(status, how many, of them busy, of them under the whole filter; what can be restored), in one query."""
        rest, by_status = self.filter.split("status")
        counted = self.queryset.filter(rest).order_by().values_list("status")
        whole = Count("pk", filter=by_status) if by_status else Count("pk")
        are_busy = Count("pk", filter=busy(self.scope))
        numbers = counted.annotate(number=Count("pk"), busy=are_busy, whole=whole)
        return list(numbers.annotate(restorable=Coalesce(Subquery(restorable_in(self.scope)), 0)))

    @property
    def total(self) -> int:
        return sum(whole for _status, _number, _busy, whole, _restorable in self._counts)

    @cached_property
    def restorable(self) -> int:
        """How many of the tenant's were deleted and are still there: a query more only where nothing is listed."""
        if self._counts:
            return self._counts[0][-1]
        return next((number for (number,) in restorable_in(self.scope)), 0)

    @property
    def chips(self) -> list[Chip]:
        """The statuses that there are, in the order of the table of words, then what is busy."""
        numbers = {status: number for status, number, *_rest in self._counts}
        are_busy = sum(number for _status, _number, number, *_rest in self._counts)
        chips = [self._chip(STATUS_WORDS[one], one.lower(), numbers[one]) for one in Status if numbers.get(one)]
        return [*chips, *([self._chip(_("Busy"), "busy", are_busy)] if are_busy else [])]

    def _chip(self, label: Text, look: str, count: int) -> Chip:
        """A click takes this status alone; another click takes it away again."""
        is_on = [plain(value) for value in self.filter.only("status")] in ([look], [plain(str(label))])
        rest = self.filter.without("status")
        href = self.link(q=rest if is_on else f"{rest} status:{look}".strip())
        return Chip(label=label, look=look, count=count, href=href, is_on=is_on)

    # --- links --------------------------------------------------------------------

    def link(self, **changes: object) -> str:
        """This list with something else, from its beginning."""
        state = {"q": self.q, "sort": self.sort_name, "columns": self.columns_in_url, "size": self.size} | changes
        usual = {"sort": DEFAULT, "size": USUAL_SIZE}
        return "?" + urlencode({name: value for name, value in state.items() if value and value != usual.get(name)})

    @property
    def columns_in_url(self) -> str:
        """Empty for the usual ones."""
        is_usual = self.columns == chosen((), is_admin=self.scope.is_admin, over_all=self.is_over_all)
        return "" if is_usual else ",".join(self.columns)

    @property
    def here(self) -> str:
        place = {"after": self.after} if self.after else {"before": self.before}
        return self.link(**place)

    @property
    def everything(self) -> str:
        return self.link(q="")

    @property
    def earlier(self) -> str:
        return self.link(before=self.page.before) if self.page.before else ""

    @property
    def later(self) -> str:
        return self.link(after=self.page.after) if self.page.after else ""

    @property
    def hidden(self) -> dict[str, object]:
        """What the form of the filter sends along."""
        state = {"sort": self.sort_name, "columns": self.columns_in_url, "size": self.size}
        return {name: value for name, value in state.items() if value and value not in (DEFAULT, USUAL_SIZE)}

    @property
    def ways_out(self) -> list[tuple[str, str]]:
        """(a term of the filter, this list without it)."""
        return [(text, self.link(q=rest)) for text, rest in self.filter.ways_out]

    @property
    def choices(self) -> list[tuple[str, Text, bool]]:
        """(name, label, whether it is shown) of each column that can be chosen."""
        names = possible(is_admin=self.scope.is_admin, over_all=self.is_over_all)
        return [(name, COLUMNS[name].label, name in self.columns) for name in names]

    @property
    def sizes(self) -> list[tuple[int, bool]]:
        return [(size, size == self.size) for size in SIZES]

    @property
    def values_url(self) -> str:
        """Where the filter asks what can follow a field."""
        tenant = self.scope.tenant
        return (
            reverse("instances:filter-values", args=[tenant.slug]) if tenant else reverse("instances:filter-values-all")
        )

    @property
    def with_values(self) -> Collection[str]:
        """The fields of which that is known."""
        return VALUES.keys()

    @property
    def help(self) -> list[tuple[str, Field]]:
        return list(fields_for(self.scope).items())


def restorable_in(scope: Scope) -> Any:
    """One row with one number, or none; none in the list of all tenants, each of which has a page of its own."""
    restorable = Instance.objects.restorable()
    mine = restorable.for_tenant(scope.tenant) if scope.tenant else restorable.none()
    return mine.order_by().values("tenant").annotate(number=Count("pk")).values_list("number")


def with_what_rows_show(
    instances: InstanceQuerySet, columns: Iterable[str], *, over_all: bool = False
) -> InstanceQuerySet:
    """Names of image and flavor, and the open operation, beside each row: no further query, no further object."""
    under_way = Operation.objects.open().filter(target_id=OuterRef("pk"))
    names = ("kind", "state", "waiting_for", "requested_by_name")
    shown = JSONObject(id="pk", **{name: name for name in names})
    needs = {name: expression for column in columns for name, expression in COLUMNS[column].needs.items()}
    if over_all:
        needs |= {"tenant_slug": F("tenant__slug"), "tenant_name": F("tenant__name")}
    return instances.defer(*UNREAD).annotate(
        image_name=F("image__name"),
        image_is_windows=F("image__is_windows"),
        flavor_name=F("flavor__name"),
        under_way=Subquery(under_way.values(data=shown)[:1]),
        **needs,
    )


def operation_on(instance: Instance) -> Operation | None:
    """The open one that came with the row."""
    data = getattr(instance, "under_way", None)
    return Operation(target_id=instance.pk, **data) if data else None


def give_clouds(instances: Iterable[Instance], clouds: dict[UUID, Cloud]) -> None:
    """Each instance its cloud: fifty rows share a few. Those that nobody has at hand take one query."""
    missing = {instance.cloud_id for instance in instances} - clouds.keys()
    if missing:
        clouds = clouds | Cloud.objects.in_bulk(missing)
    for instance in instances:
        instance.cloud = clouds[instance.cloud_id]
