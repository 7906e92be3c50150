"""The page of the administrator's password. It reads our row and rings; it never calls a cloud, and gets no key."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.clouds.standing import standings_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from . import passwords
from .rows import rows_of
from .views import find


@require_safe
@tenant_view(Role.MEMBER)
def password(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Whoever looks rings for a fresh one. The fragment `state` is what an open page asks for again."""
    instance = find(actor, pk)
    context = {
        "instance": instance,
        "password": passwords.view_of(instance),
        "row": rows_of([instance], role=actor.role)[0],
        "clouds": [standing for standing in standings_of(actor.tenant) if standing.pk == instance.cloud_id],
        "section": "instances",
    }
    return page(request, "instances/password.html", context, fragment="state")
