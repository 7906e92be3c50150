"""Who did what to which: rows that are only ever added, chained by their hashes.

Ids and names are plain text without foreign keys: an entry outlives what it
describes. There is one chain per tenant (and one for the installation), so that
no tenant waits for another one's entry.
"""

from __future__ import annotations

from django.db import models


class Chain(models.Model):
    """The head of one chain. Locked by the UPDATE of every append, and by nothing else.

    What was older than the retention is removed from its beginning: `removed` is the number of the last entry
    that was, and `anchor` its digest, from which the first one that is left follows.
    """

    name = models.CharField(max_length=64, primary_key=True)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")
    removed = models.BigIntegerField(default=0)
    anchor = models.CharField(max_length=64, default="", blank=True)


class Register(models.Model):
    """The head of the list of all chains: one row. Locked by the first entry of a chain until it is there."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")


class Beginning(models.Model):
    """One line of the list: that there is a chain of this name. See register.py."""

    number = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)


class Entry(models.Model):
    """One thing that happened. `before` and `after` never hold a secret."""

    chain = models.CharField(max_length=64)
    number = models.BigIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    """Of the digest: over which fields it is. See record.py."""
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    """A username, or `system`."""
    on_behalf_of = models.CharField(max_length=150, blank=True, default="")
    """For whom the actor did it, where that is somebody else."""
    via = models.CharField(max_length=150, blank=True, default="")
    """The name of the key with which the actor acted, where that was no page."""
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
        indexes = [  # each list is shown from its newest entry on
            models.Index(fields=["at", "id"], name="entry_at"),
            models.Index(fields=["tenant", "at", "id"], name="entry_tenant"),
            models.Index(fields=["actor", "at", "id"], name="entry_actor"),
            models.Index(fields=["verb", "at", "id"], name="entry_verb"),
            models.Index(fields=["object_id", "at", "id"], name="entry_object"),
            models.Index(fields=["operation_id"], condition=~models.Q(operation_id=""), name="entry_operation"),
        ]
