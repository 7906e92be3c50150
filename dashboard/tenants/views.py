"""The administrators' pages of tenants: parse, call one action, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Tenant
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions, listing
from .forms import DisableForm, EditTenantForm, NewTenantForm
from .models import Emptying

SECTION = {"section": "tenants"}


def asked_for(request: HttpRequest) -> tuple[str, str, str]:
    """What is looked for, of which state, in which order; what is no choice is left out."""
    q, state, sort = request.GET.get("q", ""), request.GET.get("show", ""), request.GET.get("sort", "")
    return (
        q.replace("\0", "").strip()[:200],
        state if state in listing.STATES else "",
        sort if sort in listing.SORTS else "name",
    )


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """Every tenant, in at most eight queries."""
    q, state, sort = asked_for(request)
    edges = {name: request.GET.get(name, "") for name in ("after", "before")}
    context = {
        "page": listing.page_of(q=q, state=state, sort=sort, **edges),
        "q": q,
        "state": state,
        "states": [("", _("All")), ("enabled", _("Enabled")), ("disabled", _("Disabled"))],
        "sort": sort,
        "columns": columns(sort),
        **SECTION,
    }
    return page(request, "tenants/list.html", context, fragment="live")


def columns(sort: str) -> list[dict[str, Any]]:
    """Each with the order that a click leads to."""
    named = {
        "name": _("Tenant"),
        "slug": _("Short name"),
        "": _("State"),
        "members": _("Members"),
        "instances": _("Instances"),
        "fill": _("Fullest quota"),
        "created": _("Created"),
    }
    return [
        {
            "label": label,
            "next": first if sort != first else other,
            "can_order": bool(name),
            "is_number": name in {"members", "instances"},
            "order": {name: "ascending", f"-{name}": "descending"}.get(sort, "") if name else "",
        }
        for name, label in named.items()
        for first, other in [(f"-{name}", name) if name in listing.FIRST_FALLING else (name, f"-{name}")]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def create(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    form = NewTenantForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            tenant = actions.create(administrator, **wanted(form))
        except actions.Taken as refusal:
            form.refuse("slug", str(refusal))
        else:
            messages.success(request, _("The tenant %(name)s is there.") % {"name": tenant.name})
            return go(request, reverse("tenants:detail", args=[tenant.slug]))
    return render(request, "tenants/create.html", {"form": form, **SECTION}, status=422 if form.is_bound else 200)


def wanted(form: NewTenantForm) -> dict[str, Any]:
    """For the action."""
    cleaned = form.cleaned_data
    return {
        "name": cleaned["name"],
        "slug": cleaned["slug"],
        "description": cleaned["description"],
        "plan": form.chosen,
        "manager": cleaned["manager"],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def detail(request: HttpRequest, administrator: Administrator, slug: str) -> HttpResponse:
    """What it is called, its state, and what can be done with it."""
    tenant = get_object_or_404(listing.counted(Tenant.objects.select_related("planned__plan")), slug=slug)
    form = EditTenantForm(request.POST if request.method == "POST" else None, tenant=tenant)
    if form.is_bound and form.is_valid():
        try:
            changed = actions.change(administrator, tenant.pk, was=form.was, **form.cleaned_data)
        except actions.Changed as error:
            form.refuse_changed(error.now)
        else:
            return answer(request, request.path, _("%(name)s is saved.") % {"name": changed.name})
    open_ = Emptying.objects.filter(tenant=tenant).exclude(state=Emptying.State.DONE).first()
    context = {"owner": tenant, "form": form, "emptying": open_, "clouds": clouds_for(tenant), **SECTION}
    return render(request, "tenants/detail.html", context, status=422 if form.is_bound else 200)


def clouds_for(tenant: Tenant) -> QuerySet[Cloud]:
    """All of them, each with whether the tenant has a place there."""
    has_place = Exists(CloudAccount.objects.filter(tenant=tenant, cloud=OuterRef("pk")))
    return Cloud.objects.filter(is_draft=False).annotate(has_place=has_place).order_by("name")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def disable(request: HttpRequest, administrator: Administrator, slug: str) -> HttpResponse:
    """Asks for the reason, and says what it means."""
    tenant = get_object_or_404(listing.counted(Tenant.objects.all()), slug=slug)
    form = DisableForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        back = reverse("tenants:detail", args=[slug])
        if actions.disable(administrator, tenant.pk, reason=form.cleaned_data["reason"]):
            return answer(request, back, disabled_words(tenant))
        return answer(request, back, _("%(name)s was disabled already.") % {"name": tenant.name}, bad=True)
    context = {"owner": tenant, "form": form, **SECTION}
    return render(request, "tenants/disable.html", context, status=422 if form.is_bound else 200)


def disabled_words(tenant: Tenant) -> str:
    return _("%(name)s is disabled. Its members may look, but change nothing.") % {"name": tenant.name}


@require_POST
@admin_view
def enable(request: HttpRequest, administrator: Administrator, slug: str) -> HttpResponse:
    tenant = get_object_or_404(Tenant, slug=slug)
    is_done = actions.enable(administrator, tenant.pk)
    text = _("%(name)s is enabled.")
    if not is_done:
        text = _("%(name)s is enabled already, or is being emptied: stop that first.")
    return answer(request, reverse("tenants:detail", args=[slug]), text % {"name": tenant.name}, bad=not is_done)
