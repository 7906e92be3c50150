"""Sweeping up."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from .models import Ticket, Viewing


@shared_task(name="consoles.sweep")
def sweep() -> None:
    """Tickets are good for 30 s; a day later nobody asks what became of them.

    Nor of a console whose web process is gone.
    """
    now = timezone.now()
    Ticket.objects.filter(created_at__lt=now - timedelta(days=1)).delete()
    Viewing.objects.filter(alive_until__lt=now - timedelta(hours=1)).delete()
