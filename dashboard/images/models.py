"""What an instance can boot from, as each cloud lists it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant


class ImageQuerySet(models.QuerySet["Image"]):
    def usable(self) -> ImageQuerySet:
        return self.filter(is_gone=False)

    def for_tenant(self, tenant: Tenant) -> ImageQuerySet:
        """Everybody's, and the tenant's own."""
        return self.filter(Q(tenant=None) | Q(tenant=tenant))


class Image(models.Model):
    """An image of one cloud. One that disappeared there stays as a row: instances were made from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="images")
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    """Whose alone it is; None: everybody's who has a place on the cloud."""
    remote_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    min_disk_gib = models.PositiveIntegerField(default=0)
    min_ram_mib = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    login_hint = models.CharField(max_length=255, blank=True)
    is_windows = models.BooleanField(null=True)
    """None where the cloud does not say."""
    is_snapshot = models.BooleanField(default=False)
    is_gone = models.BooleanField(default=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["cloud", "remote_id"], condition=Q(tenant=None), name="image_public_once"),
            models.UniqueConstraint(
                fields=["cloud", "tenant", "remote_id"], condition=~Q(tenant=None), name="image_own_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
