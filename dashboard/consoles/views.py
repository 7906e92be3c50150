"""Console pages and their tickets. The bytes of a console go through relay.py."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.clouds.interface import ConsoleKind
from dashboard.instances.listing import rows_of
from dashboard.instances.verbs import CONSOLES
from dashboard.instances.views import find
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from . import relay
from .tickets import NAMES, NotNow, issue

# the names of verbs.py::CONSOLES, and of the pages in urls.py
PAGES = {"console": "graphical", "serial": "serial"}


@require_safe
@tenant_view(Role.MEMBER)
def graphical(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    return console_page(request, actor, pk, kind=ConsoleKind.VNC)


@require_safe
@tenant_view(Role.MEMBER)
def serial(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    return console_page(request, actor, pk, kind=ConsoleKind.SERIAL)


def console_page(request: HttpRequest, actor: Actor, pk: UUID, *, kind: ConsoleKind) -> HttpResponse:
    """Always a page: where the console cannot be opened, it says why and lets people try again."""
    instance = find(actor, pk)
    buttons = {button.name: button for button in rows_of([instance], role=actor.role)[0].consoles}
    other = next(name for name in NAMES.values() if name != NAMES[kind])
    context = {
        "instance": instance,
        "kind": kind.value,
        "label": CONSOLES[NAMES[kind]].label,
        "other": buttons[other],
        "other_url": reverse(f"consoles:{PAGES[other]}", args=[actor.tenant.slug, pk]),
        "clouds": [instance.cloud],
        "section": "instances",
    }
    return page(request, f"consoles/{PAGES[NAMES[kind]]}.html", context)


@require_POST
@tenant_view(Role.MEMBER)
def ticket(request: HttpRequest, actor: Actor, pk: UUID, kind: str) -> HttpResponse:
    """`{"ticket": ..., "path": "/console"}`, or `{"reason": ...}` with 409 or 429."""
    if kind not in set(ConsoleKind):
        raise Http404
    try:
        token = issue(actor, find(actor, pk), kind=ConsoleKind(kind), session_key=request.session.session_key or "")
    except NotNow as error:
        return JsonResponse({"reason": str(error)}, status=429 if error.is_limit else 409)
    return JsonResponse({"ticket": token, "path": relay.PATH})
