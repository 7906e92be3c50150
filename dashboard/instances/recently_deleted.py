"""What was deleted and can still be restored, on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.clouds.standing import standings_of
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .models import Instance
from .rows import Row, rows_of

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Deleted:
    """A row, and the operation that deleted it: who asked for it and when."""

    row: Row
    by: Operation | None


class RecentlyDeleted:
    """One page, `?page=`, what is removed next first."""

    def __init__(self, actor: Actor, *, number: str | None, away: set[UUID]) -> None:
        everything = Instance.objects.for_tenant(actor.tenant).restorable().order_by("delete_at", "id")
        prefetched = everything.prefetch_related("cloud", "image", "flavor")
        self.page: Page = Paginator(prefetched, PER_PAGE).get_page(number)
        rows = rows_of(self.page.object_list, role=actor.role, away=away)
        deletions = deletions_of([row.instance for row in rows])
        self.rows = [Deleted(row, deletions.get(row.instance.pk)) for row in rows]


def deletions_of(instances: list[Instance]) -> dict[object, Operation]:
    """By the instance's id; the last one of each."""
    asked = Operation.objects.filter(target_id__in=[one.pk for one in instances], kind="instance.delete")
    return {operation.target_id: operation for operation in asked.order_by("created_at")}


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    clouds = standings_of(actor.tenant)
    away: set[UUID] = {standing.pk for standing in clouds if standing.is_away}
    context = {
        "list": RecentlyDeleted(actor, number=request.GET.get("page"), away=away),
        "clouds": clouds,
        "section": "instances",
        "may_change": actor.may(Role.MEMBER),
    }
    return page(request, "instances/deleted.html", context, fragment="live")
