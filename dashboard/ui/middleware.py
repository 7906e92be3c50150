"""What every request and every answer gets."""

from __future__ import annotations

import re
import uuid
import zoneinfo
from collections.abc import Callable, Mapping

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from .headers import protection

Answer = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_id(get_response: Answer) -> Answer:
    """Gives each request an id: in every log line, in the answer, on every error page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):  # type: ignore[attr-defined]
            response = get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response

    return middleware


def security_headers(get_response: Answer) -> Answer:
    """What a browser keeps to; private pages are never stored."""
    headers = protection()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in headers.items():
            response.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
            patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return middleware


def viewer_time_zone(get_response: Answer) -> Answer:
    """Shows times in the zone that the viewer's browser told us in a cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_of(request.COOKIES)):
            return get_response(request)

    return middleware


def zone_of(cookies: Mapping[str, str]) -> zoneinfo.ZoneInfo | None:
    """The viewer's time zone; None where the browser told none, or nonsense."""
    name = cookies.get("zone", "")
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
