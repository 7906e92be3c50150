"""The bells of requests. Each is harmless when doubled and only late when lost."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from . import starting, tidying


@shared_task(name="quota_requests.start_launch")
def start_launch(request_id: str) -> None:
    """The launch that an approved request carries."""
    starting.start(UUID(request_id))


@shared_task(name="quota_requests.ring_due")
def ring_due() -> None:
    """For launches whose message was lost."""
    starting.ring_due(start_launch.delay)


@shared_task(name="quota_requests.tidy")
def tidy() -> None:
    """Closes what nobody needs any more, and forgets what was typed for it."""
    tidying.tidy()
