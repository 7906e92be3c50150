"""Console pages and their tickets. The bytes of a console go through relay.py."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.accounts.models import User
from dashboard.clouds.interface import ConsoleKind
from dashboard.instances.console_log_views import log_page
from dashboard.instances.rows import rows_of
from dashboard.instances.verbs import CONSOLES, has_text_only
from dashboard.instances.views import find
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import relay, tickets, viewings
from .tickets import NAMES, Full, Held, NotNow, TooMany, issue

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
    """Always a page: where the console cannot be opened, it says why and lets people try again.

    Where its cloud gives the text alone, that is shown.
    """
    instance = find(actor, pk)
    if has_text_only(instance.cloud):
        return log_page(request, actor, instance)
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
    """`{"ticket": ..., "path": "/console/<instance>"}`, or `{"reason": ...}` with 409 or 429.

    With `held` somebody looks at the screen already: ask again with `how=share` or `how=take`. With `full` the
    person has to close one of their consoles first.
    """
    if kind not in set(ConsoleKind):
        raise Http404
    instance, how = find(actor, pk), request.POST.get("how", "")
    session_key = request.session.session_key or ""
    try:
        token = issue(actor, instance, kind=ConsoleKind(kind), session_key=session_key, how=how)
    except NotNow as error:
        said = {"reason": str(error), "held": isinstance(error, Held), "full": isinstance(error, Full)}
        return JsonResponse(said, status=429 if isinstance(error, TooMany) else 409)
    return JsonResponse({"ticket": token, "path": f"{relay.PATH}/{pk}"})


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The consoles that this person has open, in every browser and every tenant. The fragment `list` is in a dialog."""
    user: User = request.user  # type: ignore[assignment]
    found = [
        {
            "viewing": viewing,
            "label": CONSOLES[NAMES[ConsoleKind(viewing.kind)]].label,
            "icon": CONSOLES[NAMES[ConsoleKind(viewing.kind)]].icon,
            "url": reverse(
                f"consoles:{viewing_page(viewing.kind)}", args=[viewing.instance.tenant.slug, viewing.instance_id]
            ),
        }
        for viewing in viewings.of_user(user)
    ]
    return page(request, "consoles/mine.html", {"found": found, "section": "consoles"}, fragment="list")


def viewing_page(kind: str) -> str:
    return PAGES[NAMES[ConsoleKind(kind)]]


@require_POST
@login_required
def close(request: HttpRequest, pk: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    tickets.close(user, pk, address=request.META.get("REMOTE_ADDR"))
    return answer(request, reverse("viewings:index"), _("The console is closed."))
