"""What the sign-in page needs to know."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def oidc_sign_in() -> str:
    """The name of the provider that people may sign in with; empty when with none."""
    return str(settings.OIDC_NAME) if settings.OIDC_ISSUER else ""
