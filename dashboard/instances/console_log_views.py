"""The page of a console log, its parts, and its download. They read our row and ring; they never call a cloud."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.clouds.standing import standings_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import console_log as logs
from .models import Instance
from .rows import rows_of
from .views import find

PANEL = "instances/console_log_panel.html"


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.READER)
def console_log(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Whoever looks rings for a fresh one. `part` is what an open page asks for again: its `head`, its `text`.

    A POST, by members, has it fetched now.
    """
    instance = find(actor, pk)
    if request.method == "POST":
        logs.ask(actor, instance)
        place = "console-log" if request.POST.get("back") == "log" else "detail"
        return answer(request, reverse(f"instances:{place}", args=[actor.tenant.slug, pk]) + "#console-log", "")
    return log_page(request, actor, instance)


def log_page(request: HttpRequest, actor: Actor, instance: Instance) -> HttpResponse:
    """Also for the pages of consoles, on a cloud that gives no more of them than this."""
    logs.look(instance)
    part = request.GET.get("part", "")
    context = {"instance": instance, "console": logs.view_of(instance, q=request.GET.get("q", ""), is_page=not part)}
    if part in {"head", "text"}:
        return page(request, PANEL, context, fragment=part)
    context |= {
        "row": rows_of([instance], role=actor.role)[0],
        "clouds": [standing for standing in standings_of(actor.tenant) if standing.pk == instance.cloud_id],
        "section": "instances",
    }
    return page(request, "instances/console_log.html", context)


@require_safe
@tenant_view(Role.READER)
def download(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """What we have of it, as a text file; where that is nothing, the page that says why."""
    view = logs.view_of(find(actor, pk))
    if not view.log.text:
        return redirect("instances:console-log", actor.tenant.slug, pk)
    name = content_disposition_header(True, logs.file_name(view.instance))
    headers = {"Content-Disposition": name} if name else {}
    return HttpResponse(view.log.text, content_type="text/plain; charset=utf-8", headers=headers)
