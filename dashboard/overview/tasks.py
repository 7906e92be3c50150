"""Sweeping up what nobody reads any more."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from dashboard.live.models import Event


@shared_task(name="overview.sweep")
def sweep() -> None:
    """Events older than an hour, sessions that ended."""
    Event.objects.filter(at__lt=timezone.now() - timedelta(hours=1)).delete()
    call_command("clearsessions")
