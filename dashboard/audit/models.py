"""Who did what to which: rows that are only ever added, chained by their hashes.

Ids and names are plain text without foreign keys: an entry outlives what it
describes. There is one chain per tenant (and one for the installation), so that
no tenant waits for another one's entry.
"""

from __future__ import annotations

from django.db import models


class Chain(models.Model):
    """The head of one chain. Locked by the UPDATE of every append, and by nothing else."""

    name = models.CharField(max_length=64, primary_key=True)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")


class Entry(models.Model):
    """One thing that happened. `before` and `after` never hold a secret."""

    chain = models.CharField(max_length=64)
    number = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    """A username, or `system`."""
    address = models.GenericIPAddressField(null=True)
    tenant = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    object_name = models.CharField(max_length=255)
    outcome = models.CharField(max_length=16)
    operation_id = models.CharField(max_length=64, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="entry_number_once")]
        indexes = [models.Index(fields=["object_id"]), models.Index(fields=["tenant", "-at"])]
