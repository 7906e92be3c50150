"""The lists of instances: a tenant's, and that of all tenants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.clouds.models import Cloud
from dashboard.clouds.standing import standings_of
from dashboard.quotas.usage import COMPUTE, usage_of
from dashboard.tenancy.access import Actor, Administrator, admin_view, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page
from dashboard.ui.views import A_YEAR_S, came_from

from .bulk import DEEDS, FIRST
from .columns import chosen
from .completion import values_of
from .filter_fields import Scope
from .models import Instance
from .table import SIZES, InstanceList
from .views import away_of


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All instances of a tenant. The fragment `live` is the part that changes by itself."""
    if again := with_own_columns(request):
        return again
    clouds = standings_of(actor.tenant)
    found = list_of(actor, request.GET, clouds=[standing.cloud for standing in clouds])
    context = {
        "list": found,
        "rows": found.rows(away=away_of(clouds)),
        "usage": usage_of(actor.tenant, only=COMPUTE),
        "clouds": clouds,
        "section": "instances",
        "may_launch": actor.may(Role.MEMBER),
        "may_change": actor.may(Role.MEMBER),
        "may_select": actor.may(Role.MEMBER),
        "deeds": DEEDS,
        "first_deeds": FIRST,
    }
    return page(request, "instances/list.html", context, fragment="live")


def scope_of(actor: Actor) -> Scope:
    return Scope(tenant=actor.tenant, user=actor.user, is_admin=actor.may(Role.ADMIN))


def list_of(actor: Actor, query: QueryDict, *, clouds: Iterable[Cloud] = ()) -> InstanceList:
    queryset = Instance.objects.for_tenant(actor.tenant).listed()
    return InstanceList(queryset, query, scope=scope_of(actor), role=actor.role, clouds=clouds)


@require_safe
@admin_view
def index_of_all(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """The instances of all tenants."""
    if again := with_own_columns(request):
        return again
    clouds = list(Cloud.objects.filter(is_draft=False))
    scope = Scope(tenant=None, user=administrator.user, is_admin=True)
    found = InstanceList(Instance.objects.listed(), request.GET, scope=scope, role=Role.ADMIN, clouds=clouds)
    context = {
        "list": found,
        "rows": found.rows(away={cloud.pk for cloud in clouds if cloud.is_away}),
        "clouds": clouds,
        "may_change": True,
        "section": "all-instances",
    }
    return page(request, "instances/list.html", context, fragment="live")


@require_safe
@tenant_view(Role.READER)
def filter_values(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What can follow a field of the filter, for who types into it: a part of the list's page."""
    return values_for(request, scope_of(actor))


@require_safe
@admin_view
def filter_values_of_all(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    return values_for(request, Scope(tenant=None, user=administrator.user, is_admin=True))


def values_for(request: HttpRequest, scope: Scope) -> HttpResponse:
    values = values_of(request.GET.get("field", ""), request.GET.get("typed", ""), scope)
    return render(request, "instances/filter_values.html", {"values": values})


def with_own_columns(request: HttpRequest) -> HttpResponse | None:
    """To the same list with the columns that this browser likes, when the URL names none: a link shows what it says."""
    liked = re.sub(r"[^a-z,]", "", request.COOKIES.get("columns", ""))[:200]
    if not liked or "columns" in request.GET or request.htmx:  # type: ignore[attr-defined]
        return None
    query = request.GET.copy()
    query["columns"] = liked
    return redirect(f"{request.path}?{query.urlencode(safe=',')}")


@require_POST
@login_required
def columns(request: HttpRequest) -> HttpResponse:
    """Remember the columns and the length of a page that somebody chose, and go back to the list with them."""
    back = urlsplit(came_from(request))
    query = QueryDict(back.query, mutable=True)
    names = chosen(request.POST.getlist("columns"), is_admin=True, over_all=True)
    for name in ("after", "before", "columns", "size"):
        query.pop(name, None)
    query["columns"] = ",".join(names)
    if request.POST.get("size", "") in {str(size) for size in SIZES}:
        query["size"] = request.POST["size"]
    response = HttpResponse(status=303, headers={"Location": f"{back.path}?{query.urlencode(safe=',')}"})
    response.set_cookie("columns", ",".join(names), max_age=A_YEAR_S, samesite="Lax", secure=request.is_secure())
    return response
