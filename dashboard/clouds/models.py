"""The clouds we are connected to, and which tenant has a place on which."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.models import Tenant

from . import registry
from .interface import Driver, Feature


class Cloud(models.Model):
    """One cloud. Its health is what the last contact found; pages read it, they never ask."""

    class Health(models.TextChoices):
        UNKNOWN = "unknown", _("Not asked yet")
        UP = "up", _("Up")
        AWAY = "away", _("Away")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.SlugField(unique=True, max_length=64)
    kind = models.CharField(max_length=32)
    settings = models.JSONField(default=dict)
    features = models.JSONField(default=list)
    health = models.CharField(max_length=16, choices=Health.choices, default=Health.UNKNOWN)
    health_detail = models.TextField(blank=True)
    """The cloud's own words, for administrators only."""
    checked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    """When it last answered: the age of all that we show of it."""
    facts = models.JSONField(default=dict)
    sync_lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def driver(self) -> Driver:
        """The driver, connected lazily and kept for this process."""
        return registry.driver_for(str(self.id), self.kind, self.settings)

    def can(self, feature: Feature) -> bool:
        return feature.value in self.features

    @property
    def is_away(self) -> bool:
        return self.health == self.Health.AWAY

    @property
    def is_fake(self) -> bool:
        """Whether its instances are pretended. Every page says so."""
        return self.kind == "fake"


class CloudAccount(models.Model):
    """A tenant's place on a cloud."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="cloud_accounts")
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="accounts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "cloud"], name="cloud_account_once")]
