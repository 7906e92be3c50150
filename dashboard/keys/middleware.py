"""`Authorization: Bearer sky_...`, before anything else looks at the request.

A key opens what is marked with `takes_key`, and nothing else: pages are for browsers. With a key no cookie counts, so
there is nothing that another site could ride on, and no token against that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from .holders import BadKey, Holder, holder_of

View = TypeVar("View", bound=Callable[..., Any])
SCHEME = "bearer "


def takes_key(view: View) -> View:
    """Marks a view that people may also ask with an API key; `holder(request)` says who did."""
    view.takes_key = True  # type: ignore[attr-defined]
    return view


def holder(request: HttpRequest) -> Holder | None:
    found: Holder | None = getattr(request, "holder", None)
    return found


class Keys:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *args: Any) -> HttpResponse | None:
        header = request.headers.get("Authorization", "")
        if not header.lower().startswith(SCHEME):
            return None
        if not getattr(view, "takes_key", False):
            return refusal(_("This is a page for people; an API key does not open it."), status=403)
        try:
            found = holder_of(header[len(SCHEME) :].strip(), address=request.META.get("REMOTE_ADDR"))
        except BadKey as error:
            return refusal(str(error), status=401)
        request.holder = found  # type: ignore[attr-defined]
        request.user = AnonymousUser()
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return None


def refusal(text: str, *, status: int) -> HttpResponse:
    response = JsonResponse({"error": text}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Skydeck"'
    return response
