"""Sweeping up what nobody reads any more."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from dashboard.live.models import Event
from dashboard.mail.models import OutgoingMail


@shared_task(name="overview.sweep")
def sweep() -> None:
    """Events older than an hour, sessions that ended, and what is known of mail after a month."""
    Event.objects.filter(at__lt=timezone.now() - timedelta(hours=1)).delete()
    OutgoingMail.objects.filter(created_at__lt=timezone.now() - timedelta(days=30)).delete()
    call_command("clearsessions")
