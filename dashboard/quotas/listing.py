"""Tenants with what they use, a page at a time, in as few queries for a thousand of them as for one.

Pages are found by key, so the last costs what the first does. A cursor holds what the order compares, of the
tenant at the page's edge: `[value, slug]`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from dashboard.tenancy.models import Tenant

from .models import Quota, Resource
from .usage import COMPUTE, Usage

PER_PAGE = 50
WHOLE = 1000
"""A fill is in thousandths of the limit."""
BEYOND = 10**9
"""The fill of what is used though its limit is 0."""
SORTS = ("name", "-name", "-fill", "fill", *(f"{sign}{resource}" for resource in COMPUTE for sign in ("-", "")))


@dataclass(frozen=True)
class Row:
    """One tenant. `usage` has every resource for which there is a limit."""

    tenant: Tenant
    usage: Mapping[str, Usage]

    @property
    def plan(self) -> Any:
        """None where it never got one."""
        planned = getattr(self.tenant, "planned", None)
        return planned.plan if planned else None

    @property
    def compute(self) -> list[tuple[Resource, Usage | None]]:
        return [(resource, self.usage.get(resource)) for resource in COMPUTE]

    @cached_property
    def fullest(self) -> Usage | None:
        """Of which least is left in proportion; None where nothing is used."""
        used = [one for one in self.usage.values() if fill_of(one)]
        return max(used, key=fill_of, default=None)

    @property
    def over(self) -> list[Usage]:
        return [one for one in self.usage.values() if one.is_over]


def fill_of(usage: Usage) -> int:
    """As `fill` in the database."""
    if usage.limit is None or not usage.used:
        return 0
    return usage.used * WHOLE // usage.limit if usage.limit else BEYOND


def fill(resource: str | None) -> Coalesce:
    """Of the fullest resource of a tenant, or of that one."""
    rows = Quota.objects.filter(tenant=OuterRef("pk"))
    rows = rows.filter(resource=resource) if resource else rows
    share = Case(
        When(Q(limit=None) | Q(used=0), then=Value(0)),
        When(limit=0, then=Value(BEYOND)),
        default=F("used") * WHOLE / F("limit"),
        output_field=BigIntegerField(),
    )
    fullest = rows.annotate(fill=share).order_by("-fill").values("fill")[:1]
    return Coalesce(Subquery(fullest), 0, output_field=BigIntegerField())


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`before` and `after` are cursors to the pages beside it; empty where there is none."""

    rows: Sequence[Row]
    total: int
    before: str
    after: str


def found(*, q: str = "", over: bool = False) -> QuerySet[Tenant]:
    """By name or slug; `over`: only those that use more than they may."""
    tenants = Tenant.objects.all()
    if q:
        tenants = tenants.filter(Q(name__icontains=q) | Q(slug__icontains=q))
    if over:
        beyond = Quota.objects.filter(tenant=OuterRef("pk"), limit__isnull=False, used__gt=F("limit"))
        tenants = tenants.filter(Exists(beyond))
    return tenants


def page_of(*, q: str = "", over: bool = False, sort: str = "name", after: str = "", before: str = "") -> Page:
    """Three queries. A cursor that is none of ours leads to the first page."""
    tenants, by = found(q=q, over=over), sort.removeprefix("-")
    key = Lower("name") if by == "name" else fill(None if by == "fill" else by)
    ordered = tenants.annotate(key=key).select_related("planned__plan")
    edge, falling = read_cursor(before or after, by), sort.startswith("-")
    backwards = bool(before and edge)
    if edge:
        value, slug = edge
        beyond = {f"key__{'lt' if falling != backwards else 'gt'}": value}
        ordered = ordered.filter(Q(**beyond) | Q(key=value, **{f"slug__{'lt' if backwards else 'gt'}": slug}))
    order = ("-" if falling != backwards else "") + "key", ("-" if backwards else "") + "slug"
    taken = list(ordered.order_by(*order)[: PER_PAGE + 1])
    more, taken = len(taken) > PER_PAGE, taken[:PER_PAGE]
    taken = taken[::-1] if backwards else taken
    return Page(
        rows=rows_of(taken),
        total=tenants.count(),
        before=cursor_of(taken[0]) if taken and (more if backwards else bool(edge)) else "",
        after=cursor_of(taken[-1]) if taken and (more or backwards) else "",
    )


def cursor_of(tenant: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([tenant.key, tenant.slug]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, by: str) -> tuple[Any, str] | None:
    """None for one of another order, and for nonsense."""
    try:
        value, slug = json.loads(base64.urlsafe_b64decode(cursor[:2000] + "=" * (-len(cursor[:2000]) % 4)))
    except ValueError:
        return None
    if type(value) is not (str if by == "name" else int) or not isinstance(slug, str) or "\0" in f"{value}{slug}":
        return None
    return None if isinstance(value, int) and abs(value) >= 2**63 else (value, slug)


def rows_of(tenants: Sequence[Tenant]) -> list[Row]:
    """One query."""
    usage: dict[Any, dict[str, Usage]] = {tenant.pk: {} for tenant in tenants}
    for quota in Quota.objects.filter(tenant__in=tenants):
        usage[quota.tenant_id][quota.resource] = Usage(Resource(quota.resource), quota.used, quota.used, quota.limit)
    return [Row(tenant, usage[tenant.pk]) for tenant in tenants]


def row_of(tenant: Tenant) -> Row:
    return rows_of([Tenant.objects.select_related("planned__plan").get(pk=tenant.pk)])[0]
