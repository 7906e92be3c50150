"""What a person chooses about the look."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from .redirects import own_path

A_YEAR_S = 365 * 24 * 3600
THEMES = {"light", "dark"}


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system has it; back to the page that it came from."""
    response = HttpResponse(status=303, headers={"Location": came_from(request)})
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        # static/ui/preferences.js writes the same cookie, so scripts may read it
        response.set_cookie("theme", chosen, max_age=A_YEAR_S, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


def came_from(request: HttpRequest) -> str:
    """The path of the page before, when it was one of ours; else the first page."""
    return own_path(request, request.META.get("HTTP_REFERER", "")) or "/"
