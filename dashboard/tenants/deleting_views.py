"""The end of a tenant: what is left of it, the question, and how far emptying it is."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Tenant
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import deleting
from .forms import DeleteForm
from .left import left_of
from .models import Emptying
from .removal import NotEmpty
from .staying import places_of

SECTION = {"section": "tenants"}
SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def delete(request: HttpRequest, administrator: Administrator, slug: str) -> HttpResponse:
    """Lists what is left. POST wants the name typed, and with `empty` has all of it deleted before."""
    tenant = get_object_or_404(Tenant, slug=slug)
    form, wrong = DeleteForm(request.POST if request.method == "POST" else None, tenant=tenant), ""
    also_delete = request.POST.get("also-delete") == "yes"
    if form.is_bound and form.is_valid():
        if request.POST.get("empty"):
            return begin(request, administrator, tenant, also_delete=also_delete)
        try:
            deleting.delete(administrator, tenant)
        except NotEmpty:
            wrong = _("It was not deleted: something is left.")
        else:
            messages.success(request, _("The tenant %(name)s is deleted.") % {"name": tenant.name})
            return go(request, reverse("tenants:index"))
    left, places = left_of(tenant), places_of(tenant)
    context = {
        "owner": tenant,
        "form": form,
        "wrong": wrong,
        "left": left,
        "places": places,
        "may_go": any(place.may_go for place in places),
        "also_delete": also_delete,
        "members": tenant.memberships.count(),
        **SECTION,
    }
    return render(request, "tenants/delete.html", context, status=422 if form.is_bound else 200)


def begin(request: HttpRequest, administrator: Administrator, tenant: Tenant, *, also_delete: bool) -> HttpResponse:
    emptying = deleting.empty(administrator, tenant, also_delete=also_delete)
    return go(request, reverse("tenants:emptying", args=[emptying.pk]))


@require_safe
@admin_view
def emptied(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """The newest first, also of tenants that are gone."""
    context = {"rows": list(Emptying.objects.all()[:SHOWN]), "most": SHOWN, **SECTION}
    return render(request, "tenants/emptied.html", context)


@require_safe
@admin_view
def emptying(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """How far it is; also when the tenant is gone."""
    row = get_object_or_404(Emptying.objects.select_related("tenant"), pk=pk)
    return page(request, "tenants/emptying.html", {"emptying": row, **SECTION}, fragment="live")


def change(request: HttpRequest, pk: UUID, do: Callable[[], None]) -> HttpResponse:
    get_object_or_404(Emptying, pk=pk)
    back = reverse("tenants:emptying", args=[pk])
    try:
        do()
    except deleting.NotPossible as refusal:
        return answer(request, back, str(refusal), bad=True)
    return answer(request, back, "")


@require_POST
@admin_view
def resume(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    return change(request, pk, lambda: deleting.resume(administrator, pk))


@require_POST
@admin_view
def stop(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    return change(request, pk, lambda: deleting.stop(administrator, pk))
