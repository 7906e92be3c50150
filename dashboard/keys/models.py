"""API keys of people, for programs that act as them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.tenancy.models import Role, Tenant

LONGEST_NAME = 80


class KeyQuerySet(models.QuerySet["ApiKey"]):
    def of_user(self, user: User) -> KeyQuerySet:
        return self.filter(user=user)

    def living(self) -> KeyQuerySet:
        """Neither revoked nor expired; whether the person's role still holds is decided at each use."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class ApiKey(models.Model):
    """What one person may do in one tenant, or less. Without a tenant it is an administrator's, for everything.

    The token is `sky_<public id>_<secret>`; of the secret only the SHA-256 is here.
    """

    public_id = models.CharField(max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    name = models.CharField(max_length=LONGEST_NAME)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, related_name="api_keys")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(tenant=None, role="admin") | (Q(tenant__isnull=False) & ~Q(role="admin")),
                name="api_key_scope",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def ends_soon(self) -> bool:
        left: datetime = self.expires_at
        return not self.is_expired and (left - timezone.now()).days < 7
