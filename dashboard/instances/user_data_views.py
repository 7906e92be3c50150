"""User data: looked at while they are typed, and shown to those who may launch."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from dashboard.clouds.secrets import Unreadable
from dashboard.clouds.standing import standings_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from . import user_data
from .launch_user_data import bytes_of, most_of
from .launch_views import what_is_offered
from .userdata.check import MOST_BYTES, too_long
from .userdata.check import check as check_text
from .views import find


@sensitive_variables()
@require_POST
@tenant_view(Role.MEMBER)
def check(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is wrong with what was typed so far, for the cloud that is chosen; it goes nowhere.

    Of a file that is too large, only its size comes.
    """
    text = request.POST.get("user_data", "").replace("\r\n", "\n")
    size = bytes_of(request.POST.get("user_data_size", ""))
    offered = what_is_offered(actor, request.POST, standings_of(actor.tenant))
    most = most_of(offered["cloud"]) if offered else MOST_BYTES
    report = too_long(size, most=most) if size > most else check_text(text, most=most) if text.strip() else None
    return render(request, "instances/user_data_report.html", {"report": report})


@sensitive_variables()
@require_POST
@tenant_view(Role.MEMBER)
def show(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """A POST, since it is written down who looked."""
    instance = find(actor, pk)
    context = {"instance": instance, "section": "instances", "text": "", "unreadable": False}
    try:
        context["text"] = user_data.show(actor, instance)
    except Unreadable:
        context["unreadable"] = True
    return page(request, "instances/user_data.html", context, fragment="dialog")
