"""What a tenant used: a page and a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from . import csv_files
from .prices import gib_hours, hours
from .ranges import NAMED, Asked
from .reading import Days, midnight
from .spans import day_of
from .statement import Books, Line, Lines, cloud_names, days_shown, folded, instance_names, total

PER_PAGE = 100
VIEWS = {
    "day": gettext_lazy("By day"),
    "flavor": gettext_lazy("By cloud and flavor"),
    "instance": gettext_lazy("By instance"),
}


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    books = Books(now_s=int(time.time()))
    asked = Asked(request.GET, today=day_of(books.now_s))
    view = request.GET.get("by", "")
    view = view if view in VIEWS else "day"
    context = {
        **frame(books, asked),
        "views": [(name, label, name == view) for name, label in VIEWS.items()],
        "view": view,
        "section": "usage",
    }
    if asked.days is None:
        return page(request, "usage/tenant.html", context, fragment="live", status=422)
    lines = books.lines(asked.days, by=["day", "cloud_id", "flavor"], tenant_id=actor.tenant.pk)
    by_day = folded(lines, to=lambda key: key[:1])
    days = days_shown(asked.days, since=day_of(books.counted.since_s), today=day_of(books.now_s))
    if view == "day":
        rows = [
            Line(line.use, line.money, day) for day in days for line in [by_day.get((day,)) or books.nothing_on(day)]
        ]
    elif view == "flavor":
        rows = by_flavor(lines)
    else:
        rows = of_instances(books.instances(asked.days, tenant_id=actor.tenant.pk))
    context |= {
        **one_page(rows, request.GET.get("page", "")),
        "total": total(lines.values()),
        "currencies": books.currencies(asked.days),
        "charts": charts(by_day, days[::-1]),
    }
    return page(request, "usage/tenant.html", context, fragment="live")


def frame(books: Books, asked: Asked) -> dict[str, Any]:
    """What the pages of a tenant and of all have alike."""
    return {
        "asked": asked,
        "ranges": [(name, label, name == asked.name) for name, label in NAMED.items()],
        "since": datetime.fromtimestamp(books.counted.since_s, UTC),
        "now": datetime.fromtimestamp(books.now_s, UTC),
    }


def by_flavor(lines: Lines) -> list[Line]:
    """The most vCPUs first."""
    alike = folded(lines, to=lambda key: key[1:])
    names = cloud_names({cloud for cloud, _flavor in alike})
    rows = [
        Line(line.use, line.money, flavor or _("no flavor"), names.get(cloud, ""))
        for (cloud, flavor), line in alike.items()
    ]
    return sorted(rows, key=lambda row: (-row.use.vcpu_s, -row.use.instance_s, row.more, row.name))


def of_instances(lines: Lines) -> list[Line]:
    """The most vCPUs first. Each is called what it was called last."""
    order = sorted(lines, key=lambda key: (-lines[key].use.vcpu_s, -lines[key].use.instance_s, str(key)))
    names = instance_names(pk for (pk,) in order)
    return [Line(lines[key].use, lines[key].money, names.get(key[0], ""), str(key[0])) for key in order]


def one_page(rows: list[Line], asked_for: str) -> dict[str, Any]:
    """A page of them, by its number; what is none of them leads to the first."""
    last = max(1, -(-len(rows) // PER_PAGE))
    number = int(asked_for) if asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 9 else 1
    number = number if 1 <= number <= last else 1
    return {
        "rows": rows[(number - 1) * PER_PAGE : number * PER_PAGE],
        "found": len(rows),
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if number < last else None,
    }


def charts(by_day: Lines, days: list[date]) -> dict[str, Any]:
    """What static/usage/charts.js draws: a bar for each day."""
    uses = [by_day.get((day,), Line()).use for day in days]
    return {
        "days": [midnight(day) for day in days],
        "bars": {
            "instances": [float(hours(use.instance_s)) for use in uses],
            "vcpus": [float(hours(use.vcpu_s)) for use in uses],
            "memory": [float(gib_hours(use.ram_mib_s)) for use in uses],
            "disk": [float(hours(use.disk_gib_s)) for use in uses],
        },
    }


# --- as a file ------------------------------------------------------------------


@require_safe
@tenant_view(Role.READER)
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """By day, cloud and flavor, the finest that is summed up; or by instance."""
    books = Books(now_s=int(time.time()))
    asked = Asked(request.GET, today=day_of(books.now_s))
    if asked.days is None:
        return index(request, tenant=actor.tenant.slug)
    is_by_instance = request.GET.get("by") == "instance"
    write = instances_of(books, asked.days, actor) if is_by_instance else days_of(books, asked.days, actor)
    return file(write, name=f"usage-{actor.tenant.slug}", days=asked.days)


def days_of(books: Books, days: Days, actor: Actor) -> Iterator[str]:
    currencies = books.currencies(days)
    yield csv_files.header(("day", "cloud", "flavor"), currencies)
    for month in csv_files.months(days):
        lines = books.lines(month, by=["day", "cloud_id", "flavor"], tenant_id=actor.tenant.pk)
        names = cloud_names({cloud for _day, cloud, _flavor in lines})
        rows = {(day.isoformat(), names.get(cloud, ""), flavor): line for (day, cloud, flavor), line in lines.items()}
        yield csv_files.table(csv_files.row(labels, rows[labels], currencies) for labels in sorted(rows))


def instances_of(books: Books, days: Days, actor: Actor) -> Iterator[str]:
    currencies = books.currencies(days)
    yield csv_files.header(("instance", "instance_id"), currencies)
    rows = of_instances(books.instances(days, tenant_id=actor.tenant.pk))
    yield csv_files.table(csv_files.row((row.name, row.more), row, currencies) for row in rows)


def file(lines: Iterator[str], *, name: str, days: Days) -> StreamingHttpResponse:
    file_name = f"{name}-{days.first}-{days.last}.csv"
    headers = {"Content-Disposition": content_disposition_header(True, file_name) or "attachment"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
