"""One-time tickets for consoles."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from dashboard.instances.models import Instance


class Ticket(models.Model):
    """The right to open one console once, within 30 s, from the login that asked for it.

    Only hashes are stored: neither a database dump nor a log lets anybody in.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    session_hash = models.CharField(max_length=64)
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
