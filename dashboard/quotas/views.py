"""The pages of limits: parse, call one action, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from dashboard.clouds.models import Cloud
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Tenant
from dashboard.ui.fragments import go, page
from dashboard.ui.matching import looked_for

from . import actions, listing
from .forms import LimitsForm
from .limits import NONE
from .models import OF_CLOUDS, CloudQuota, DriftReport, Quota, Resource
from .usage import COMPUTE, Usage

SECTION = {"section": "quotas"}


def asked_for(request: HttpRequest) -> tuple[str, bool]:
    """Which tenants: by a text, and only those over a limit."""
    return looked_for(request), request.GET.get("show") == "over"


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """Every tenant with its meters, in at most eight queries."""
    (q, over), sort = asked_for(request), request.GET.get("sort", "")
    sort = sort if sort in listing.SORTS else "name"
    edges = {name: request.GET.get(name, "") for name in ("after", "before")}
    context = {
        "page": listing.page_of(q=q, over=over, sort=sort, **edges),
        "q": q,
        "over": over,
        "sort": sort,
        "columns": columns(sort),
        "drift": DriftReport.objects.first(),
        **SECTION,
    }
    return page(request, "quotas/list.html", context, fragment="live")


def columns(sort: str) -> list[dict[str, Any]]:
    """Each with the order that a click leads to: names from A on, fill from the fullest on."""
    named = {"name": _("Tenant"), **{str(r.value): r.label for r in COMPUTE}, "fill": _("Fullest")}
    return [
        {
            "name": name,
            "label": label,
            "next": first if sort != first else other,
            "order": {name: "ascending", f"-{name}": "descending"}.get(sort, ""),
        }
        for name, label in named.items()
        for first, other in [(name, f"-{name}") if name == "name" else (f"-{name}", name)]
    ]


def wants_row(request: HttpRequest) -> bool:
    """HTMX, from the list: it is edited there in place."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def edit(request: HttpRequest, administrator: Administrator, slug: str) -> HttpResponse:
    """A tenant's limits in total: a page, and in the list a row."""
    tenant = get_object_or_404(Tenant, slug=slug)
    if wants_row(request) and request.GET.get("as") == "row":
        return row_page(request, tenant)
    quotas = {quota.resource: quota for quota in Quota.objects.filter(tenant=tenant)}
    now = {resource.value: quotas[resource].limit if resource in quotas else 0 for resource in Resource}
    form = LimitsForm(request.POST if request.method == "POST" else None, now=now, resources=Resource)
    if form.is_bound and form.is_valid():
        number = save(administrator, form, tenant)
        if number is not None and wants_row(request):
            response = row_page(request, tenant)
            trigger_client_event(response, "notice", {"text": told(tenant, number), "bad": False})
            return response
        if number is not None:
            messages.success(request, told(tenant, number))
            return go(request, reverse("quotas:index"))
    used = {resource: quota.used for resource, quota in quotas.items()}
    context = {"owner": tenant, "form": form, "fields": beside(form, used), **SECTION}
    status = 422 if form.is_bound else 200
    if wants_row(request):
        return render(request, "quotas/row_edit.html", context, status=status)
    return render(request, "quotas/edit.html", {**context, "clouds": clouds_of(tenant)}, status=status)


def row_page(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    return render(request, "quotas/row.html", {"row": listing.row_of(tenant), "is_fresh": True})


def save(administrator: Administrator, form: LimitsForm, tenant: Tenant, cloud: Cloud | None = None) -> int | None:
    """How many were changed; None when the form says why none was."""
    try:
        return actions.change_limits(
            administrator, form.changes(tenant_id=tenant.pk, cloud_id=cloud.pk if cloud else None)
        )
    except actions.Meanwhile as error:
        form.refuse(error.changes)
        return None


def told(tenant: Tenant, number: int) -> str:
    text = ngettext(
        "%(number)s limit of %(tenant)s is changed.", "%(number)s limits of %(tenant)s are changed.", number
    )
    if not number:
        text = _("The limits of %(tenant)s are as they were.")
    return text % {"number": number, "tenant": tenant.name}


def beside(form: LimitsForm, used: dict[str, int]) -> list[tuple[Any, Usage]]:
    """Each field with what is used of the limit that is so now."""
    return [
        (form[resource.value], Usage(resource, used.get(resource, 0), used.get(resource, 0), form.now[resource.value]))
        for resource in form.resources
    ]


def clouds_of(tenant: Tenant) -> list[dict[str, Any]]:
    """Where the tenant has a place or a limit, with the limits there. Two queries."""
    limits: dict[UUID, list[Usage]] = {}
    for one in CloudQuota.objects.filter(tenant=tenant).order_by("pk"):
        limits.setdefault(one.cloud_id, []).append(Usage(Resource(one.resource), one.used, one.used, one.limit))
    there = Cloud.objects.filter(accounts__tenant=tenant) | Cloud.objects.filter(pk__in=limits)
    return [{"cloud": cloud, "usage": limits.get(cloud.pk, [])} for cloud in there.distinct().order_by("name")]


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def on_cloud(request: HttpRequest, administrator: Administrator, slug: str, pk: UUID) -> HttpResponse:
    """What a tenant may use of one cloud, beside its limits in total."""
    tenant, cloud = get_object_or_404(Tenant, slug=slug), get_object_or_404(Cloud, pk=pk, is_draft=False)
    rows = {row.resource: row for row in CloudQuota.objects.filter(tenant=tenant, cloud=cloud)}
    now = {resource.value: rows[resource].limit if resource in rows else None for resource in OF_CLOUDS}
    form = LimitsForm(request.POST if request.method == "POST" else None, now=now, resources=OF_CLOUDS, word=NONE)
    if form.is_bound and form.is_valid() and (number := save(administrator, form, tenant, cloud)) is not None:
        messages.success(request, told(tenant, number))
        return go(request, reverse("quotas:edit", args=[slug]))
    used = {resource: row.used for resource, row in rows.items()}
    context = {"owner": tenant, "cloud": cloud, "form": form, "fields": beside(form, used), **SECTION}
    return render(request, "quotas/on_cloud.html", context, status=422 if form.is_bound else 200)
