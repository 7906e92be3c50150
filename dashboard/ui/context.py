"""What the frame around every page needs, without a query."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """`tenant` and `role` where the view has one, the theme that was chosen, the id of this request.

    `role` is what may be done here, `held_role` what the person is here: less may be done in a disabled tenant.
    `has_others`: there are other tenants that the person may enter.

    `events` is the URL of the stream that tells such a page what changed; empty where there is none.
    """
    tenant, role = getattr(request, "tenant", None), getattr(request, "role", None)
    theme = request.COOKIES.get("theme", "")
    return {
        "tenant": tenant,
        "role": role,
        "held_role": getattr(request, "held_role", role),
        "has_others": getattr(request, "has_others", False),
        "events": f"/t/{tenant.slug}/events/" if tenant else "/clouds/events/" if role else "",
        "theme": theme if theme in {"light", "dark"} else "",
        "request_id": getattr(request, "request_id", ""),
    }
