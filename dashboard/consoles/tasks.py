"""Sweeping up."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from .models import Ticket


@shared_task(name="consoles.sweep")
def sweep() -> None:
    """Tickets are good for 30 s; a day later nobody asks what became of them."""
    Ticket.objects.filter(created_at__lt=timezone.now() - timedelta(days=1)).delete()
