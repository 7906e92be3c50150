"""One's keys, on the page of one's account."""

from __future__ import annotations

from django import template

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey

register = template.Library()


@register.simple_tag
def own_keys(user: User) -> list[ApiKey]:
    """Those that are not revoked, the newest first; an expired one is shown, so that one knows why a program fails."""
    return list(ApiKey.objects.of_user(user).filter(revoked_at=None).select_related("tenant"))
