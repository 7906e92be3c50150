"""One view per page. HTMX gets the part of it that it asked for, everybody else the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """`template` whole, or only its partial `fragment` when HTMX asks.

    A request that HTMX boosts or restores from history wants the page. `Vary` is set for
    every answer by ui/middleware.py.
    """
    htmx = request.htmx  # type: ignore[attr-defined]
    wants_part = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    name = f"{template}#{fragment}" if fragment and wants_part else template
    return render(request, name, dict(context), status=status)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """To `url`, one of our own: by HX-Redirect for HTMX, by 303 for a plain form."""
    if request.htmx:  # type: ignore[attr-defined]
        return cast(HttpResponse, HttpResponseClientRedirect(url))
    return HttpResponse(status=303, headers={"Location": url})
