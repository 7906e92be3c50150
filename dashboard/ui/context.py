"""What the frame around every page needs, without a query."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """`tenant` and `role` where the URL names one, the theme that was chosen, the id of this request."""
    theme = request.COOKIES.get("theme", "")
    return {
        "tenant": getattr(request, "tenant", None),
        "role": getattr(request, "role", None),
        "theme": theme if theme in {"light", "dark"} else "",
        "request_id": getattr(request, "request_id", ""),
    }
