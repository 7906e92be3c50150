"""Key pairs: of each we have the public half only. A private key is shown once and never stored."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard.tenancy.models import Tenant


class KeyPairQuerySet(models.QuerySet["KeyPair"]):
    def for_tenant(self, tenant: Tenant) -> KeyPairQuerySet:
        return self.filter(tenant=tenant)


class KeyPair(models.Model):
    """A public key that a tenant's members can put into instances. It is its own holder of its quota."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="key_pairs")
    name = models.CharField(max_length=255)
    public_key = models.TextField()
    """One line in OpenSSH's format, with its comment."""
    fingerprint = models.CharField(max_length=64)
    md5 = models.CharField(max_length=47)
    kind = models.CharField(max_length=16)
    bits = models.PositiveIntegerField()
    comment = models.CharField(max_length=255, blank=True)
    is_generated = models.BooleanField(default=False)
    """Made by us, and its private key shown once; else the public key was imported."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    """When an instance was last launched with it."""
    key = models.CharField(max_length=64)
    """From the form: the same key is the same request, however often it is sent."""

    objects = KeyPairQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="key_pair_name_once"),
            models.UniqueConstraint(fields=["tenant", "fingerprint"], name="key_pair_fingerprint_once"),
            models.UniqueConstraint(fields=["key"], name="key_pair_asked_once"),
        ]

    def __str__(self) -> str:
        return self.name
