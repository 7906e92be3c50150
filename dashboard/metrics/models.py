"""What instances used. One row for the last hour of each, and at most 44 for all that is older; see levels.py."""

from __future__ import annotations

from django.db import models

from dashboard.clouds.models import Cloud
from dashboard.instances.models import Instance


class Round(models.Model):
    """The last time that a cloud was asked what its instances use."""

    cloud = models.OneToOneField(Cloud, primary_key=True, on_delete=models.CASCADE, related_name="metrics_round")
    lease_until = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    clock = models.CharField(max_length=100, blank=True)
    """Whose clock told the time, and how it stood; see clock.py."""
    last_id = models.UUIDField(null=True)
    """Where to go on, on a cloud that is asked about a part of its instances in each round."""
    parts = models.PositiveIntegerField(default=1)
    """Rounds that it takes to ask about all of them."""
    failure = models.CharField(max_length=64, blank=True)
    """The name of the CloudError with which it ended."""


class Meter(models.Model):
    """The last hour of an instance, and the counters from which the next minute is reckoned."""

    instance = models.OneToOneField(Instance, primary_key=True, on_delete=models.CASCADE, related_name="meter")
    taken_at = models.DateTimeField()
    life = models.CharField(max_length=64, blank=True)
    counters = models.JSONField()
    """Of RemoteUsage, in the order of rates.py."""
    hour = models.BinaryField()
    """60 slots of a minute; the last one is that of `taken_at`."""


class Piece(models.Model):
    """24 slots of one level."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    first = models.PositiveIntegerField()
    """Its first slot. What is too old to be shown stays until its piece is written again."""
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "number"], name="piece_once")]
