"""What the browsers should look at again."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """A name, never content: the browser asks the ordinary page again, so rights live in one place."""

    tenant_id = models.UUIDField(null=True)
    """Null: everybody."""
    user_id = models.BigIntegerField(null=True)
    """The only person who is told; null: everybody of the tenant."""
    topic = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
