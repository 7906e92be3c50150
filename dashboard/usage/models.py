"""What tenants used, as spans of time in which an instance was the same.

Times are whole seconds since 1970, as integers: sums of them are exact, on every database, and whatever is added up
in another order gives the same. The second in which something changes counts as what it became. Days are those of UTC.

Nothing here points at a tenant, a cloud or an instance: what was used stays when they are gone, with their names.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Span(models.Model):
    """A time in which one instance was there, with one size, and running or not. `ended_s` is None while it lasts."""

    tenant_id = models.UUIDField()
    tenant_name = models.CharField(max_length=128)
    cloud_id = models.UUIDField()
    cloud_name = models.CharField(max_length=255)
    instance_id = models.UUIDField()
    instance_name = models.CharField(max_length=255)
    flavor = models.CharField(max_length=255, blank=True)
    """The name of it; empty where the cloud's is none that is offered."""
    vcpus = models.PositiveIntegerField()
    ram_mib = models.PositiveIntegerField()
    disk_gib = models.PositiveIntegerField()
    is_running = models.BooleanField()
    """Whether vCPUs and memory count. The disk does as long as it is there."""
    began_s = models.BigIntegerField()
    ended_s = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance_id"], condition=Q(ended_s=None), name="span_open_once"),
            models.UniqueConstraint(fields=["instance_id", "began_s"], name="span_begins_once"),
            models.CheckConstraint(
                condition=Q(ended_s=None) | Q(ended_s__gt=F("began_s")), name="span_ends_after_it_began"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "ended_s"], name="span_of_tenant"),
            models.Index(fields=["ended_s"], name="span_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.instance_name}: {self.began_s} to {self.ended_s or 'now'}"


class DayUse(models.Model):
    """What a tenant used on one day that is over, by cloud and flavor: the sum of spans, which can be made anew."""

    day = models.DateField()
    tenant_id = models.UUIDField()
    cloud_id = models.UUIDField()
    flavor = models.CharField(max_length=255, blank=True)
    instance_s = models.BigIntegerField()
    vcpu_s = models.BigIntegerField()
    ram_mib_s = models.BigIntegerField()
    disk_gib_s = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "day", "cloud_id", "flavor"], name="day_use_once"),
        ]
        indexes = [models.Index(fields=["day"], name="day_use_of_day")]


class Counted(models.Model):
    """One row: since when there are spans, and the first day that is not in DayUse yet."""

    since_s = models.BigIntegerField()
    rolled_until = models.DateField()


class PriceList(models.Model):
    """What an hour costs, from one day on until the next list begins. Never changed: what was shown stays true."""

    valid_from = models.DateField(unique=True)
    currency = models.CharField(max_length=16)
    """A word that stands behind amounts; nothing is converted."""
    instance_hour = models.DecimalField(max_digits=14, decimal_places=6)
    vcpu_hour = models.DecimalField(max_digits=14, decimal_places=6)
    ram_gib_hour = models.DecimalField(max_digits=14, decimal_places=6)
    disk_gib_hour = models.DecimalField(max_digits=14, decimal_places=6)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return f"{self.currency} from {self.valid_from}"
