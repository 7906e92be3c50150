"""All tenants, a page at a time, in as few queries for a thousand of them as for one.

Pages are found by key, so the last costs what the first does. A cursor holds what the order compares, of the
tenant at the page's edge: `[order, value, slug]`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.dateparse import parse_datetime

from dashboard.instances.models import Instance
from dashboard.quotas.listing import fill, rows_of
from dashboard.quotas.usage import Usage
from dashboard.tenancy.counting import number
from dashboard.tenancy.models import Membership, Tenant

PER_PAGE = 50
STATES = ("", "enabled", "disabled")
FIRST_FALLING = frozenset({"members", "instances", "fill", "created"})
"""Orders of which the largest, or newest, is what one looks for."""
KEYS = ("name", "slug", "members", "instances", "fill", "created")
SORTS = tuple(f"{sign}{key}" for key in KEYS for sign in ("", "-"))


@dataclass(frozen=True, slots=True)
class Row:
    tenant: Any
    """A Tenant, annotated with `members` and `instances`."""
    fullest: Usage | None
    """Of its quotas the one of which least is left in proportion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`before` and `after` are cursors to the pages beside it; empty where there is none."""

    rows: Sequence[Row]
    total: int
    before: str
    after: str


def found(*, q: str = "", state: str = "") -> QuerySet[Tenant]:
    """By name, slug or description."""
    tenants = Tenant.objects.all()
    if q:
        tenants = tenants.filter(Q(name__icontains=q) | Q(slug__icontains=q) | Q(description__icontains=q))
    return tenants.filter(disabled_at__isnull=state == "enabled") if state else tenants


def counted(tenants: QuerySet[Tenant]) -> QuerySet[Any]:
    return tenants.annotate(members=number(Membership.objects.all()), instances_there=number(Instance.objects.listed()))


def key_of(by: str) -> Any:
    """What the order compares; the slug decides between equals."""
    return {
        "name": Lower("name"),
        "slug": F("slug"),
        "members": F("members"),
        "instances": F("instances_there"),
        "fill": fill(None),
        "created": F("created_at"),
    }[by]


def page_of(*, q: str = "", state: str = "", sort: str = "name", after: str = "", before: str = "") -> Page:
    """Three queries. A cursor that is none of ours leads to the first page."""
    tenants, by = found(q=q, state=state), sort.removeprefix("-")
    ordered = counted(tenants).annotate(key=key_of(by))
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
        rows=[Row(row.tenant, row.fullest) for row in rows_of(taken)],
        total=tenants.count(),
        before=cursor_of(taken[0], by) if taken and (more if backwards else bool(edge)) else "",
        after=cursor_of(taken[-1], by) if taken and (more or backwards) else "",
    )


# --- cursors -------------------------------------------------------------------------------


def cursor_of(tenant: Any, by: str) -> str:
    key = tenant.key.isoformat() if isinstance(tenant.key, datetime) else tenant.key
    return base64.urlsafe_b64encode(json.dumps([by, key, tenant.slug]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, by: str) -> tuple[Any, str] | None:
    """None for one of another order, and for nonsense."""
    try:
        told, value, slug = json.loads(base64.urlsafe_b64decode(cursor[:2000] + "=" * (-len(cursor[:2000]) % 4)))
        value = parse_datetime(value) if by == "created" else value
    except (ValueError, TypeError):
        return None
    wanted = {"name": str, "slug": str, "created": datetime}.get(by, int)
    if told != by or type(value) is not wanted or not isinstance(slug, str) or "\0" in f"{value}{slug}":
        return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return None
    return None if isinstance(value, int) and abs(value) >= 2**63 else (value, slug)
