"""The quota ledger: one limit per tenant and resource, over all clouds, and where wanted one more on a single cloud.

`used` is changed only by conditional UPDATEs (reservations.py), because
read-then-write let 392-535 launches through a limit of 100. There is no
CHECK against the limit: lowering a limit below what is used is allowed, shown
as over limit, and refuses further launches.

A limit on one cloud has a counter of its own, that is kept only while there is
such a limit: who has none pays nothing for it. It is made and removed under the
lock of the total's row, which each reservation takes first.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.models import Cloud
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
    KEY_PAIRS = "key_pairs", _("Key pairs")
    BUCKETS = "buckets", _("Buckets")
    OBJECT_GIB = "object_gib", _("Object space")


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
    Resource.KEY_PAIRS: 20,
    Resource.BUCKETS: 10,
    Resource.OBJECT_GIB: 100,
}
"""The plan that an installation begins with, and what a new tenant gets where there is no plan."""

OF_CLOUDS = tuple(resource for resource in Resource if resource != Resource.KEY_PAIRS)
"""What is on a cloud, and can be limited on one. Key pairs are Skydeck's own."""


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
        return self.left_beside(0)

    def left_beside(self, taken: int) -> int | None:
        """The same, with so much of `used` given back."""
        return None if self.limit is None else max(0, self.limit - self.used + taken)


class CloudQuota(models.Model):
    """One tenant's limit of one resource on one cloud, beside that in total. No row: none of its own there."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="cloud_quotas")
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE)
    resource = models.CharField(max_length=32, choices=Resource.choices)
    limit = models.BigIntegerField()
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cloud", "resource"], name="cloud_quota_once"),
            models.CheckConstraint(condition=Q(used__gte=0), name="cloud_quota_used_not_negative"),
        ]

    def left_beside(self, taken: int) -> int:
        """How much may still be reserved there, with so much of `used` given back."""
        return max(0, self.limit - self.used + taken)


class Reservation(models.Model):
    """One ledger row: so much of a resource is held for something (an instance's id). None is on no cloud."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    cloud = models.ForeignKey(Cloud, on_delete=models.SET_NULL, null=True)
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


class Plan(models.Model):
    """Limits under a name. A tenant keeps its limits when its plan is changed, until somebody applies it again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=64)
    key = models.CharField(max_length=256, unique=True, editable=False)
    """The name as it is compared: see `plans.key_of`."""
    limits = models.JSONField()
    """`{resource: limit}`; null is unlimited. One that is not named is as in DEFAULT_LIMITS."""
    is_default = models.BooleanField(default=False)
    """What new tenants get. Of all plans one at most."""
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="plan_one_default")
        ]

    def __str__(self) -> str:
        return self.name

    def limit_of(self, resource: Resource) -> Any:
        return self.limits.get(resource, DEFAULT_LIMITS[resource])


class TenantPlan(models.Model):
    """Which plan a tenant got last. Its limits may have been changed since, one by one."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="planned")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="given")


class DriftReport(models.Model):
    """What the last nightly look at the ledger found. One row."""

    at = models.DateTimeField()
    counters = models.JSONField(default=list)
    """Those that differed: `[tenant's slug, which, counter, ledger]`. Must be empty."""
