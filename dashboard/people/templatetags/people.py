"""What other pages ask of people."""

from __future__ import annotations

from django import template
from django.conf import settings

from dashboard.people.models import SignUp

register = template.Library()


@register.simple_tag
def sign_up_is_open() -> bool:
    return bool(settings.SIGN_UP)


@register.simple_tag
def sign_ups_waiting() -> int:
    """One query."""
    return SignUp.objects.waiting().count()
