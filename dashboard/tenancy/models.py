"""Tenants, and who may do what in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Tenant(models.Model):
    """A group of people with one quota. What OpenStack calls a project and Eucalyptus an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True, max_length=64)
    name = models.CharField(max_length=128)
    description = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_at = models.DateTimeField(null=True)
    """Since when its members may look but not change anything; None: it is as usual."""
    disabled_reason = models.CharField(max_length=500, blank=True)
    """For its members, in the words of whoever disabled it."""
    disabled_by = models.CharField(max_length=150, blank=True)
    """That administrator's name."""

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def told_apart(self) -> str:
        """Its name, and the short name where that differs: several tenants may have the same name."""
        return self.name if self.name == self.slug else f"{self.name} ({self.slug})"

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None


class Role(models.TextChoices):
    """OpenStack's own words. Each role may do all that the ones before it may."""

    READER = "reader", _("Reader")
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Administrator")

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


class Membership(models.Model):
    """What one person is in one tenant. Never `admin`: that is the person's own, for all tenants."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role.value, role.label) for role in Role if role != Role.ADMIN])
    since = models.DateTimeField(auto_now_add=True, null=True)
    """Null where the row is older than this column."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.tenant}"
