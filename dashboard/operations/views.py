"""What is under way and what came of it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from dashboard.clouds.models import Cloud
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .batches import Progress
from .choices import choices
from .listing import OperationList
from .models import Batch, Operation


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The newest first. The fragment `live` is the part that changes by itself."""
    context = {
        "list": OperationList(actor, request.GET),
        "clouds": list(Cloud.objects.filter(accounts__tenant=actor.tenant)),
        "section": "operations",
    }
    return page(request, "operations/list.html", context, fragment="live")


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    operations = Operation.objects.for_tenant(actor.tenant).select_related("cloud").prefetch_related("steps")
    operation = get_object_or_404(operations, pk=pk)
    rolled_back_by = operation.roll_backs.first()
    context = {
        "operation": operation,
        "choices": choices(operation, role=actor.role),
        "rolled_back_by": rolled_back_by,
        "clouds": [operation.cloud],
        "section": "operations",
    }
    return page(request, "operations/detail.html", context, fragment="live")


@require_safe
@tenant_view(Role.READER)
def batch(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """How far a batch is, thing by thing; also the dialog that shows it."""
    found = get_object_or_404(Batch.objects.filter(tenant=actor.tenant), pk=pk)
    progress = Progress(found, only=request.GET.get("only", ""))
    context = {
        "batch": found,
        "progress": progress,
        "clouds": progress.clouds,
        "may_ask_again": actor.may(Role.MEMBER),
        "section": "operations",
    }
    return page(request, "operations/batch.html", context, fragment="progress")
