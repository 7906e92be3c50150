"""The pages of instances: parse, call one action, answer. They read rows and never call a cloud."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.clouds.standing import Standing, standings_of
from dashboard.operations.choices import choices
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from . import console_log, history, user_data
from .menu import beyond
from .models import Instance
from .rows import rows_of


def away_of(clouds: list[Standing]) -> set[UUID]:
    return {standing.pk for standing in clouds if standing.is_away}


def find(actor: Actor, pk: UUID) -> Instance:
    """The tenant's instance, deleted ones too: their page says what became of them. Else 404."""
    try:
        return (
            Instance.objects.for_tenant(actor.tenant)
            .select_related("cloud", "image", "flavor", "key_pair", "created_by", "console_log")
            .get(pk=pk)
        )
    except Instance.DoesNotExist as error:
        raise Http404 from error


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Overview, timeline of what we and others did, console log. The fragment `live` changes by itself."""
    instance = find(actor, pk)
    operations = list(Operation.objects.for_tenant(actor.tenant).filter(target_id=pk).prefetch_related("steps")[:50])
    history.ask_for(instance, operations)
    clouds = [standing for standing in standings_of(actor.tenant) if standing.pk == instance.cloud_id]
    context = {
        "row": rows_of([instance], role=actor.role, operations=operations, away=away_of(clouds))[0],
        "instance": instance,
        "deletion": next((one for one in operations if one.verb == "delete"), None),
        "timeline": history.timeline(instance, operations),
        "newest_operation": operations[0] if operations else None,
        "choices": choices(operations[0], role=actor.role) if operations else [],
        "beyond": beyond(instance),
        "console": console_log.view_of(instance),
        "has_user_data": user_data.is_there(instance),
        "clouds": clouds,
        "section": "instances",
    }
    return page(request, "instances/detail.html", context, fragment="live")
