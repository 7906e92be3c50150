"""Telling the browsers that something changed. Only actions, operations and sync do this."""

from __future__ import annotations

from uuid import UUID

from .models import Event


def publish(tenant_id: UUID | None, topic: str, *, object_id: object = "") -> None:
    """Say that `topic` (such as `instances`) changed for a tenant, or for everybody with None.

    Part of the caller's transaction: nobody is told of what was rolled back.
    """
    Event.objects.create(tenant_id=tenant_id, topic=topic, object_id=str(object_id))
