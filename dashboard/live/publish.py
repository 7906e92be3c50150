"""Telling the browsers that something changed. Only actions, operations and sync do this."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from .models import Event


def publish(tenant_id: UUID | None, topic: str, *, object_id: object = "", user_id: int | None = None) -> None:
    """Say that `topic` (such as `instances`) changed for a tenant, or for everybody with None.

    With `user_id` no other browser hears of it than that person's.

    Part of the caller's transaction: nobody is told of what was rolled back.
    """
    Event.objects.create(tenant_id=tenant_id, topic=topic, object_id=str(object_id), user_id=user_id)


def publish_all(topic: str, things: Iterable[tuple[UUID, object]]) -> None:
    """The same for many at once, each with the tenant whose it is, in one INSERT."""
    Event.objects.bulk_create(
        Event(tenant_id=tenant_id, topic=topic, object_id=str(object_id)) for tenant_id, object_id in things
    )
