"""The first pages: which tenant, and what is going on in it. And whether we are alive."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.instances.models import Instance
from dashboard.instances.verbs import STATUS_WORDS
from dashboard.operations.models import Operation
from dashboard.quotas.drift import lower_on_clouds
from dashboard.quotas.usage import COMPUTE, usage_of
from dashboard.tenancy.access import Actor, tenant_view, tenants_of
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the only tenant; a choice where there are several; a word where there is none."""
    tenants = tenants_of(request.user)  # type: ignore[arg-type]
    if len(tenants) == 1:
        return redirect("overview:tenant", tenants[0].slug)
    return page(request, "overview/home.html", {"tenants": tenants, "section": "home"})


@require_safe
@tenant_view(Role.READER)
def tenant(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Usage, instances by status, what happened last. The fragment `live` changes by itself."""
    present = Instance.objects.for_tenant(actor.tenant).present()
    counts = present.order_by().values_list("status").annotate(number=Count("pk"))
    context = {
        "usage": usage_of(actor.tenant, only=COMPUTE),
        "lower": lower_on_clouds(actor.tenant),
        "statuses": [(STATUS_WORDS[Status(status)], status.lower(), number) for status, number in sorted(counts)],
        "operations": list(Operation.objects.for_tenant(actor.tenant).select_related("cloud")[:10]),
        "clouds": list(Cloud.objects.filter(accounts__tenant=actor.tenant)),
        "section": "overview",
        "may_launch": actor.may(Role.MEMBER),
    }
    return page(request, "overview/tenant.html", context, fragment="live")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process and the database answer; 503 with the part that does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "error", "database": "error"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})
