"""What the clock rings."""

from __future__ import annotations

import structlog
from celery import shared_task

from .rolling import roll_up

log = structlog.get_logger(__name__)


@shared_task(name="usage.roll_up")
def sum_up_days() -> None:
    if days := roll_up():
        log.info("days of usage are summed up", days=days)
