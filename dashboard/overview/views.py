"""The first page of a tenant: what is going on in it. And whether we are alive."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.instances.models import Instance
from dashboard.instances.verbs import STATUS_WORDS
from dashboard.keys.middleware import holder, takes_key
from dashboard.operations.models import Heartbeat, Operation
from dashboard.quotas.drift import lower_on_clouds
from dashboard.quotas.usage import COMPUTE, usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .abilities import abilities_of, by_reason


@require_safe
@tenant_view(Role.READER)
def tenant(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Usage, instances by status, what happened last. The fragment `live` changes by itself."""
    listed = Instance.objects.for_tenant(actor.tenant).listed()
    counts = listed.order_by().values_list("status").annotate(number=Count("pk"))
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
@tenant_view(Role.READER)
def abilities(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What this person may do in this tenant, and why not the rest."""
    clouds = list(Cloud.objects.filter(accounts__tenant=actor.tenant))
    groups = abilities_of(actor, clouds)
    answers = [answer for _title, group in groups for answer in group]
    context = {
        "groups": [(title, by_reason(group)) for title, group in groups],
        "allowed": sum(not answer.why_not for answer in answers),
        "total": len(answers),
        "section": "abilities",
    }
    return page(request, "overview/abilities.html", context)


@require_safe
@takes_key
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process and the database answer; 503 with the part that does not.

    An administrator's API key is told more: when a worker was last heard of, what is open, how each cloud is.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "error", "database": "error"}, status=503)
    found = holder(request)
    more = detail() if found and found.administrator else {}
    return JsonResponse({"status": "ok", "database": "ok", **more})


def detail() -> dict[str, Any]:
    """Times in ISO 8601."""
    clouds = Cloud.objects.filter(is_draft=False).order_by("name")
    return {
        "worker_seen_at": Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first(),
        "open_operations": Operation.objects.open().count(),
        "clouds": list(clouds.values("name", "kind", "health", "checked_at", "seen_at")),
    }
