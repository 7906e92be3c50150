"""Instances and flavors. What was asked for and what was seen never share a field."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.tenancy.models import Tenant

STATUSES = [(status.value, status.value.title()) for status in Status]


class FlavorQuerySet(models.QuerySet["Flavor"]):
    def usable(self) -> FlavorQuerySet:
        return self.filter(is_gone=False)

    def for_tenant(self, tenant: Tenant) -> FlavorQuerySet:
        """Everybody's, and those that were given to the tenant."""
        return self.filter(Q(tenant=None) | Q(tenant=tenant))


class Flavor(models.Model):
    """A size that a cloud offers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="flavors")
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    """Who alone may use it; None: everybody who has a place on the cloud."""
    remote_id = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255)
    vcpus = models.PositiveIntegerField()
    ram_mib = models.PositiveIntegerField()
    disk_gib = models.PositiveIntegerField()
    extra_specs = models.JSONField(default=dict)
    is_gone = models.BooleanField(default=False)

    objects = FlavorQuerySet.as_manager()

    class Meta:
        ordering = ["vcpus", "ram_mib", "disk_gib", "name"]
        constraints = [
            models.UniqueConstraint(fields=["cloud", "name"], condition=Q(tenant=None), name="flavor_public_once"),
            models.UniqueConstraint(
                fields=["cloud", "tenant", "name"], condition=~Q(tenant=None), name="flavor_own_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def resources(self) -> dict[str, int]:
        """What one instance of it takes from a quota."""
        return {"instances": 1, "vcpus": self.vcpus, "ram_mib": self.ram_mib, "disk_gib": self.disk_gib}


class InstanceQuerySet(models.QuerySet["Instance"]):
    def for_tenant(self, tenant: Tenant) -> InstanceQuerySet:
        return self.filter(tenant=tenant)

    def present(self) -> InstanceQuerySet:
        return self.filter(deleted_at=None)


class Instance(models.Model):
    """A virtual machine of a tenant. Its row stays after it is deleted, for the timeline."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="instances")
    cloud = models.ForeignKey(Cloud, on_delete=models.PROTECT, related_name="instances")

    # asked for
    name = models.CharField(max_length=255)
    image = models.ForeignKey(Image, null=True, on_delete=models.SET_NULL)
    flavor = models.ForeignKey(Flavor, null=True, on_delete=models.SET_NULL)
    vcpus = models.PositiveIntegerField()
    ram_mib = models.PositiveIntegerField()
    disk_gib = models.PositiveIntegerField()
    public_key = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    asked = models.JSONField(default=dict)
    """What else was asked for at launch; see options.py."""
    is_adopted = models.BooleanField(default=False)
    """Made on the cloud by somebody else, and found there."""
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    old_size = models.JSONField(null=True)
    """Its resources before a resize that is neither confirmed nor reverted: the quota holds the larger of both."""

    # seen
    remote_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, choices=STATUSES, default=Status.BUILD)
    fault = models.TextField(blank=True)
    """The cloud's reason for ERROR, hostile text, for administrators only."""
    failure = models.CharField(max_length=64, blank=True)
    """A code of operations/failures.py: why it is in ERROR, in words for everybody."""
    failure_values = models.JSONField(default=dict)
    """What the words of the failure name: amounts, limits, hosts."""
    task = models.CharField(max_length=64, blank=True)
    """What the cloud itself is doing about it, in its own word; empty when it is at rest."""
    is_locked = models.BooleanField(default=False)
    zone = models.CharField(max_length=255, blank=True)
    key_name = models.CharField(max_length=255, blank=True)
    tags = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    volume_ids = models.JSONField(default=list)
    addresses = models.JSONField(default=list)
    host = models.CharField(max_length=255, blank=True)
    seen_at = models.DateTimeField(null=True)
    missed = models.PositiveSmallIntegerField(default=0)
    """Complete lists in a row that did not have it. Two are needed to believe that it is gone."""
    actions_asked_at = models.DateTimeField(null=True)
    """When a worker was last asked for what the cloud remembers of it; see history.py."""

    objects = InstanceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cloud", "remote_id"], condition=~Q(remote_id="") & Q(deleted_at=None), name="instance_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], condition=Q(deleted_at=None), name="instance_list"),
            models.Index(
                fields=["cloud", "tenant"], condition=Q(deleted_at=None) & ~Q(task=""), name="instance_at_work"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def resources(self) -> dict[str, int]:
        """What it takes from its tenant's quota: while a resize is open, the larger of both sizes."""
        size = {"vcpus": self.vcpus, "ram_mib": self.ram_mib, "disk_gib": self.disk_gib}
        if self.old_size:
            size = {name: max(amount, self.old_size.get(name, 0)) for name, amount in size.items()}
        taken = {"instances": 1, **size}
        if gib := self.asked.get("boot_volume_gib"):
            taken |= {"disk_gib": 0, "volumes": 1, "volume_gib": gib}
        return taken


class ConsoleLog(models.Model):
    """The last look at a guest's console output. Pages show it with its age; the worker takes it."""

    instance = models.OneToOneField(Instance, on_delete=models.CASCADE, related_name="console_log")
    text = models.TextField(blank=True)
    taken_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True)


class CloudAction(models.Model):
    """One thing that was done to an instance, as the cloud remembers it: the timeline shows it among our operations."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="cloud_actions")
    request_id = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    by = models.CharField(max_length=255, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [models.UniqueConstraint(fields=["instance", "request_id", "name"], name="cloud_action_once")]


class PlacingChoice(models.Model):
    """Where on a cloud an instance can be put, as one tenant sees it; without places, as everybody does."""

    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    zones = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    """Server groups: `{"id": the cloud's, "name": ..., "policy": ...}` each."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cloud"], condition=Q(tenant=None), name="placing_of_all_once"),
            models.UniqueConstraint(fields=["cloud", "tenant"], condition=~Q(tenant=None), name="placing_once"),
        ]


class Stray(models.Model):
    """Something on a cloud that carries the mark of an instance which is closed here."""

    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE)
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE)
    """In whose place it was seen; None on a cloud without places."""
    remote_id = models.CharField(max_length=255)
    looks = models.PositiveSmallIntegerField(default=0)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cloud", "remote_id"], name="stray_once")]
