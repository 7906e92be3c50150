"""Resuming, rolling back, waiting on and cancelling: a question, then one action."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.tenancy.templatetags.tenancy import managers_of
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import actions
from .choices import CANCEL, LABELS, RESUME, ROLL_BACK, WAIT_ON, was_asked, why_not, would_undo
from .models import Operation
from .recovery import NotPossible
from .words import Text

DONE: dict[str, Text] = {
    RESUME: gettext_lazy("%(name)s goes on."),
    ROLL_BACK: gettext_lazy("%(name)s is being rolled back."),
    WAIT_ON: gettext_lazy("%(name)s is given more time."),
    CANCEL: gettext_lazy("%(name)s is cancelled."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def recover(request: HttpRequest, actor: Actor, pk: UUID, verb: str) -> HttpResponse:
    """POST does it; GET asks first, and says what will be done."""
    if verb not in LABELS:
        raise Http404
    operations = Operation.objects.for_tenant(actor.tenant).select_related("cloud", "tenant")
    operation = get_object_or_404(operations.prefetch_related("steps"), pk=pk)
    if request.method != "POST":
        return question(request, actor, operation, verb)
    name = f"{operation.label} {operation.target_name}"
    try:
        then = act_on(request, actor, operation)[verb]()
    except NotPossible as error:
        text = f"{name}: {error} {whom_to_ask(actor) if error.is_quota else ''}".strip()
        return answer(request, back_of(request, actor, operation), text, bad=True)
    return answer(request, back_of(request, actor, then), str(DONE[verb]) % {"name": name})


def whom_to_ask(actor: Actor) -> str:
    managers = managers_of(actor.tenant)
    return _("For more quota ask a manager of this tenant: %(names)s.") % {"names": managers} if managers else ""


def act_on(request: HttpRequest, actor: Actor, operation: Operation) -> dict[str, Callable[[], Operation]]:
    """Without the deadline that was on the page, the one of now: then nobody was faster."""
    seen = parse_datetime(request.POST.get("deadline", "")[:40]) if is_time(request) else None
    return {
        RESUME: lambda: actions.resume(actor, operation.pk),
        ROLL_BACK: lambda: actions.roll_back(actor, operation.pk),
        WAIT_ON: lambda: actions.wait_on(actor, operation.pk, deadline=seen or operation.deadline_at),
        CANCEL: lambda: actions.cancel(actor, operation.pk),
    }


def is_time(request: HttpRequest) -> bool:
    try:
        return parse_datetime(request.POST.get("deadline", "")[:40]) is not None
    except ValueError:
        return False


def question(request: HttpRequest, actor: Actor, operation: Operation, verb: str) -> HttpResponse:
    undoes = would_undo(operation) if verb == ROLL_BACK or (verb == CANCEL and was_asked(operation)) else []
    context = {
        "operation": operation,
        "verb": verb,
        "label": LABELS[verb],
        "why_not": why_not(operation, verb, role=actor.role),
        "undoes": undoes,
        "back": request.GET.get("back", ""),
        "clouds": [operation.cloud],
        "section": "operations",
    }
    return page(request, "operations/recover.html", context, fragment="dialog")


def back_of(request: HttpRequest, actor: Actor, operation: Operation) -> str:
    """To the instance's page where that is where it was asked for; else to that of the operation."""
    if request.POST.get("back") == "detail" and operation.noun == "instance":
        return reverse("instances:detail", args=[actor.tenant.slug, operation.target_id])
    return reverse("operations:detail", args=[actor.tenant.slug, operation.pk])
