"""What the sign-in pages need to know."""

from __future__ import annotations

from django import template
from django.conf import settings

from dashboard.keystone.gate import sign_in_cloud

register = template.Library()


@register.simple_tag
def openstack_sign_in() -> str:
    """The name of the cloud that people may sign in with; empty when with none."""
    cloud = sign_in_cloud()
    return cloud.name if cloud else ""


@register.simple_tag
def openstack_websso() -> bool:
    return bool(settings.OPENSTACK_WEBSSO)
