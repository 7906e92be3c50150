"""For the pages that know no tenant, and so no clouds of their own."""

from __future__ import annotations

from django import template

from dashboard.clouds.models import Cloud

register = template.Library()


@register.simple_tag
def fake_clouds() -> list[Cloud]:
    """The clouds whose instances are pretended; every page says so, before signing in too."""
    return list(Cloud.objects.filter(kind="fake"))
