"""Console pages and their tickets."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role


@require_safe
@tenant_view(Role.MEMBER)
def graphical(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    raise NotImplementedError


@require_safe
@tenant_view(Role.MEMBER)
def serial(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    raise NotImplementedError


@require_POST
@tenant_view(Role.MEMBER)
def ticket(request: HttpRequest, actor: Actor, pk: UUID, kind: str) -> HttpResponse:
    raise NotImplementedError
