"""What an instance uses now, for its overview."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from dashboard.clouds.interface import Status
from dashboard.instances.models import Instance

from ..reading import last_of
from ..record import minute_of
from ..sampling import looks_at
from ..words import with_unit

register = template.Library()


@register.simple_tag
def used_now(instance: Instance) -> dict[str, Any] | None:
    """`{"cpu": "12 %", "memory": "300 MiB", "taken_at": ...}`, each where it is known; None where nothing is."""
    look = looks_at([instance.pk]).get(instance.pk) if instance.status == Status.ACTIVE else None
    if look is None:
        return None
    last = last_of(look, minute=minute_of(timezone.now()))
    told = {name: with_unit(name, last[name]) for name in ("cpu", "memory") if last[name] is not None}
    return {**told, "taken_at": look.taken_at} if told else None
