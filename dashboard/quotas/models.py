"""The quota ledger: one limit per tenant and resource, over all clouds.

`used` is changed only by conditional UPDATEs (reservations.py), because
read-then-write let 392-535 launches through a limit of 100. There is no
CHECK against the limit: lowering a limit below what is used is allowed, shown
as over limit, and refuses further launches.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.models import Tenant


class Resource(models.TextChoices):
    """What is counted. The unit is in the name."""

    INSTANCES = "instances", _("Instances")
    VCPUS = "vcpus", _("vCPUs")
    RAM_MIB = "ram_mib", _("Memory")
    DISK_GIB = "disk_gib", _("Disk")
    VOLUMES = "volumes", _("Volumes")
    VOLUME_GIB = "volume_gib", _("Volume space")
    SNAPSHOTS = "snapshots", _("Volume snapshots")
    NETWORKS = "networks", _("Networks")
    ROUTERS = "routers", _("Routers")
    SECURITY_GROUPS = "security_groups", _("Security groups")
    FLOATING_IPS = "floating_ips", _("Floating IPs")


DEFAULT_LIMITS: dict[Resource, int] = {
    Resource.INSTANCES: 10,
    Resource.VCPUS: 16,
    Resource.RAM_MIB: 16384,
    Resource.DISK_GIB: 100,
    Resource.VOLUMES: 10,
    Resource.VOLUME_GIB: 100,
    Resource.SNAPSHOTS: 10,
    Resource.NETWORKS: 5,
    Resource.ROUTERS: 5,
    Resource.SECURITY_GROUPS: 10,
    Resource.FLOATING_IPS: 5,
}
"""What a new tenant begins with."""


class Quota(models.Model):
    """One tenant's limit of one resource. `limit` None means unlimited, said explicitly."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="quotas")
    resource = models.CharField(max_length=32, choices=Resource.choices)
    limit = models.BigIntegerField(null=True)
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "resource"], name="quota_once"),
            models.CheckConstraint(condition=Q(used__gte=0), name="quota_used_not_negative"),
        ]

    @property
    def left(self) -> int | None:
        """How much may still be reserved; None when unlimited, 0 when over limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


class Reservation(models.Model):
    """One ledger row: so much of a resource is held for something (an instance's id)."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    resource = models.CharField(max_length=32, choices=Resource.choices)
    amount = models.BigIntegerField()
    holder = models.UUIDField()
    reserved_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "resource"], condition=Q(released_at=None), name="reservation_held_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="reservation_not_negative"),
        ]
