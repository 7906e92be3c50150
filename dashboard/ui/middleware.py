"""What every request and every answer gets."""

from __future__ import annotations

import re
import uuid
import zoneinfo
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

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
    """Content-Security-Policy under Django 6's setting name; private pages are never stored."""
    policy = "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
            patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return middleware


def viewer_time_zone(get_response: Answer) -> Answer:
    """Shows times in the zone that the viewer's browser told us in a cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get("zone", "")
        try:
            zone = zoneinfo.ZoneInfo(name) if name else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            zone = None
        with timezone.override(zone):
            return get_response(request)

    return middleware
