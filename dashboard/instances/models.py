"""Instances and flavors. What was asked for and what was seen never share a field."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.tenancy.models import Tenant

STATUSES = [(status.value, status.value.title()) for status in Status]


class Flavor(models.Model):
    """A size that a cloud offers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="flavors")
    remote_id = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=128)
    vcpus = models.PositiveIntegerField()
    ram_mib = models.PositiveIntegerField()
    disk_gib = models.PositiveIntegerField()
    is_gone = models.BooleanField(default=False)

    class Meta:
        ordering = ["vcpus", "ram_mib", "disk_gib", "name"]
        constraints = [models.UniqueConstraint(fields=["cloud", "name"], name="flavor_once")]

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
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    # seen
    remote_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, choices=STATUSES, default=Status.BUILD)
    fault = models.TextField(blank=True)
    """The cloud's reason for ERROR, hostile text, for administrators only."""
    failure = models.CharField(max_length=64, blank=True)
    """A code of operations/failures.py: why it is in ERROR, in words for everybody."""
    addresses = models.JSONField(default=list)
    host = models.CharField(max_length=255, blank=True)
    seen_at = models.DateTimeField(null=True)
    missed = models.PositiveSmallIntegerField(default=0)
    """Complete lists in a row that did not have it. Two are needed to believe that it is gone."""

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
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def resources(self) -> dict[str, int]:
        """What it takes from its tenant's quota."""
        return {"instances": 1, "vcpus": self.vcpus, "ram_mib": self.ram_mib, "disk_gib": self.disk_gib}


class ConsoleLog(models.Model):
    """The last look at a guest's console output. Pages show it with its age; the worker takes it."""

    instance = models.OneToOneField(Instance, on_delete=models.CASCADE, related_name="console_log")
    text = models.TextField(blank=True)
    taken_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True)


class Stray(models.Model):
    """Something on a cloud that carries the mark of an instance which is closed here."""

    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE)
    remote_id = models.CharField(max_length=255)
    looks = models.PositiveSmallIntegerField(default=0)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cloud", "remote_id"], name="stray_once")]
