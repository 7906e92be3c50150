"""The bell of the top bar: a page of its own, whose fragments each page asks for by itself."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import actions
from .bell import Bell

LIST = "bell-list"


@require_safe
@tenant_view(Role.READER)
def bell(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All that is kept. HTMX gets the list where it asks from the page, else the bell with its popover."""
    htmx = request.htmx  # type: ignore[attr-defined]
    fragment = "list" if htmx and htmx.target == LIST else "bell"
    return page(request, "operations/bell.html", {"bell": Bell(actor), "section": "bell"}, fragment=fragment)


@require_POST
@tenant_view(Role.READER)
def read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everything up to the newest that was on the page is read."""
    actions.read_bell(actor, until=time_of(request.POST.get("until", "")))
    return answer(request, reverse("operations:bell", args=[actor.tenant.slug]), "")


def time_of(text: str) -> datetime:
    """What is no time, or lies ahead, is now."""
    now = timezone.now()
    try:
        told = parse_datetime(text[:40])
    except ValueError:
        return now
    return min(told, now) if told is not None and timezone.is_aware(told) else now
