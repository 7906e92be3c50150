"""What the clock does with the audit trail."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.conf import settings

from .retention import remove_older

log = structlog.get_logger(__name__)


@shared_task(name="audit.remove_old")
def remove_old() -> None:
    """Every night, where there is a retention."""
    if removed := remove_older(settings.AUDIT_DAYS):
        log.info("removed old audit entries", entries=removed, days=settings.AUDIT_DAYS)
