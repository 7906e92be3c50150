"""What all tenants used, for administrators."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboard.audit.gone import gone_tenants
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import page

from . import csv_files
from .ranges import Asked
from .reading import Days
from .spans import day_of
from .statement import Books, Line, cloud_names, tenants_by_id, total
from .views import file, frame, one_page

ORDERS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: (str(line.name).casefold(), line.more),
    "instances": lambda line: line.use.instance_s,
    "vcpus": lambda line: line.use.vcpu_s,
    "memory": lambda line: line.use.ram_mib_s,
    "disk": lambda line: line.use.disk_gib_s,
}


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """Each tenant that used anything, in at most eight queries."""
    books = Books(now_s=int(time.time()))
    asked = Asked(request.GET, today=day_of(books.now_s))
    sort = request.GET.get("sort", "")
    sort = sort if sort.removeprefix("-") in ORDERS else "name"
    context = {**frame(books, asked), "columns": columns(sort), "sort": sort, "section": "all-usage"}
    if asked.days is None:
        return page(request, "usage/all.html", context, fragment="live", status=422)
    rows = tenants(books, asked.days)
    rows.sort(key=ORDERS["name"])
    rows.sort(key=ORDERS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    context |= {
        **one_page(rows, request.GET.get("page", "")),
        "total": total(rows),
        "currencies": books.currencies(asked.days),
    }
    return page(request, "usage/all.html", context, fragment="live")


def tenants(books: Books, days: Days) -> list[Line]:
    """`more` is the slug, empty where the tenant was deleted."""
    lines = books.lines(days, by=["tenant_id"])
    there, gone = tenants_by_id(pk for (pk,) in lines)
    rows = []
    for (pk,), line in lines.items():
        tenant = there.get(pk)
        name, slug = (tenant.name, tenant.slug) if tenant else (gone.get(pk, str(pk)), "")
        rows.append(Line(line.use, line.money, name, slug))
    return rows


def columns(sort: str) -> list[dict[str, str]]:
    """Each with the order that a click leads to: names from A on, use from the most on."""
    labels = {
        "name": _("Tenant"),
        "instances": _("Instance hours"),
        "vcpus": _("vCPU hours"),
        "memory": _("Memory, GiB hours"),
        "disk": _("Disk, GiB hours"),
    }
    found = []
    for name, label in labels.items():
        first, other = (name, f"-{name}") if name == "name" else (f"-{name}", name)
        order = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        found.append({"name": name, "label": label, "next": first if sort != first else other, "order": order})
    return found


@require_safe
@admin_view
def export(request: HttpRequest, administrator: Administrator) -> HttpResponseBase:
    """By day, tenant, cloud and flavor."""
    books = Books(now_s=int(time.time()))
    asked = Asked(request.GET, today=day_of(books.now_s))
    if asked.days is None:
        return index(request)
    return file(lines_of(books, asked.days), name="usage", days=asked.days)


def lines_of(books: Books, days: Days) -> Iterator[str]:
    currencies = books.currencies(days)
    yield csv_files.header(("day", "tenant", "name", "tenant_id", "cloud", "flavor"), currencies)
    for month in csv_files.months(days):
        lines = books.lines(month, by=["day", "tenant_id", "cloud_id", "flavor"])
        called = slugs_and_names({tenant for _day, tenant, _cloud, _flavor in lines})
        clouds = cloud_names({cloud for _day, _tenant, cloud, _flavor in lines})
        rows = {
            (day.isoformat(), *called[tenant], str(tenant), clouds.get(cloud, ""), flavor): line
            for (day, tenant, cloud, flavor), line in lines.items()
        }
        yield csv_files.table(csv_files.row(labels, rows[labels], currencies) for labels in sorted(rows))


def slugs_and_names(pks: set[UUID]) -> dict[UUID, tuple[str, str]]:
    """Also of those that were deleted, as they were called in the end; empty what nobody knows any more."""
    there, gone = tenants_by_id(pks)
    slugs = {UUID(pk): one.slug for pk, one in gone_tenants(str(pk) for pk in pks - set(there)).items()}
    names = gone | {pk: tenant.name for pk, tenant in there.items()}
    slugs |= {pk: tenant.slug for pk, tenant in there.items()}
    return {pk: (slugs.get(pk, ""), names.get(pk, "")) for pk in pks}
