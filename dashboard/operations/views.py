"""What is under way and what came of it."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from dashboard.clouds.models import Cloud
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .models import Operation


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    operations = Operation.objects.for_tenant(actor.tenant).select_related("cloud")
    context = {
        "page": Paginator(operations, 50).get_page(request.GET.get("page")),
        "clouds": list(Cloud.objects.filter(accounts__tenant=actor.tenant)),
        "section": "operations",
    }
    return page(request, "operations/list.html", context, fragment="live")


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    operations = Operation.objects.for_tenant(actor.tenant).select_related("cloud").prefetch_related("steps")
    operation = get_object_or_404(operations, pk=pk)
    context = {"operation": operation, "clouds": [operation.cloud], "section": "operations"}
    return page(request, "operations/detail.html", context, fragment="live")
