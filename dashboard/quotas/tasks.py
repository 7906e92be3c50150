"""The nightly look at the ledger."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from .models import DriftReport
from .reservations import differing

log = structlog.get_logger(__name__)


@shared_task(name="quotas.report_drift")
def report_drift() -> None:
    """Every counter that is not what its ledger rows add up to: into the log, and for the page of quotas."""
    found = [[one.row.tenant.slug, one.name, one.row.used, one.ledger] for one in differing()]
    for tenant, name, counter, ledger in found:
        log.error("quota drift", tenant=tenant, resource=name, counter=counter, ledger=ledger)
    DriftReport.objects.update_or_create(pk=1, defaults={"at": timezone.now(), "counters": found})
