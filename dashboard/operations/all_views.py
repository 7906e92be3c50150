"""The operations of all tenants, for administrators."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import go, page

from . import mending
from .all_listing import AllOperations
from .choices import ASKING, LABELS

SECTION = {"section": "all-operations"}


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """The fragment `live` is the part that changes by itself."""
    context = {"list": AllOperations(request.GET), "verbs": list(LABELS.items()), **SECTION}
    return page(request, "operations/all.html", context, fragment="live")


@require_POST
@admin_view
def mend(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """Without `sure` it says what qualifies and why the others do not; with it, what came of each."""
    verb = request.POST.get("verb", "")
    if verb not in LABELS:
        return go(request, back_of(request))
    ids = ids_of(request.POST.getlist("id"))
    operations = mending.chosen(ids[: mending.MOST])
    is_done = "sure" in request.POST
    found = mending.mend(administrator, operations, verb) if is_done else mending.judge(operations, verb)
    context = {
        "verb": verb,
        "label": LABELS[verb],
        "asks": verb in ASKING,
        "is_done": is_done,
        "fitting": [one for one in found if not one.why_not],
        "others": [one for one in found if one.why_not],
        "whole": len(found),
        "left_out": max(0, len(ids) - mending.MOST),
        "here": request.POST.get("here", ""),
        "back": back_of(request),
        **SECTION,
    }
    response = page(request, "operations/mend.html", context, fragment="dialog")
    if is_done:
        response["HX-Trigger"] = "changed"
    return response


def ids_of(values: list[str]) -> list[UUID]:
    """What is no id is left out."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def back_of(request: HttpRequest) -> str:
    """The list as it was narrowed."""
    here = reverse("all-operations:index")
    wanted = request.POST.get("here", "")
    return here + wanted if wanted.startswith("?") else here
