"""The clouds we are connected to, and which tenant has a place on which."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.models import Tenant

from . import registry, secrets
from .interface import AuthFailed, Bounds, Credential, Driver, Feature
from .words import PLACES, PlaceWords


class Health(models.TextChoices):
    UNKNOWN = "unknown", _("Not asked yet")
    UP = "up", _("Up")
    AWAY = "away", _("Away")
    REFUSED = "refused", _("Key not accepted")
    """It answers, but does not let us in."""


LOST = (Health.AWAY, Health.REFUSED)


class Cloud(models.Model):
    """One cloud. Its health is what the last contact found; pages read it, they never ask."""

    Health = Health

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.SlugField(unique=True, max_length=64)
    kind = models.CharField(max_length=32)
    settings = models.JSONField(default=dict)
    """Of the connection, without its secrets."""
    sealed = models.TextField(blank=True)
    """The secret settings of the connection; see secrets.py."""
    features = models.JSONField(default=list)
    health = models.CharField(max_length=16, choices=Health.choices, default=Health.UNKNOWN)
    health_detail = models.TextField(blank=True)
    """The cloud's own words, for administrators only."""
    checked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    """When it last answered: the age of all that we show of it."""
    facts = models.JSONField(default=dict)
    is_draft = models.BooleanField(default=False)
    """Described, and perhaps tested, but not in use: nothing is synced, no tenant sees it."""
    tenants_bring = models.BooleanField(default=False)
    """We hold no administrator's credential: each tenant brings one of its own."""
    findings = models.JSONField(default=list)
    """What the last test of the connection found, step by step; see connecting.py."""
    test_asked_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    """When the last test came to its end."""
    maintenance = models.TextField(blank=True)
    """Why nothing new is made there at present, in an administrator's words; empty: it is open. See maintenance.py."""
    maintenance_since = models.DateTimeField(null=True)
    maintenance_until = models.DateTimeField(null=True)
    """When it is meant to end; only said, nothing happens then."""
    maintenance_by = models.CharField(max_length=150, blank=True)
    sync_lease_until = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True, editable=False)
    """A look at all of it takes a while: until then only what is asked for by name is looked at (inventory.py)."""

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def connection(self) -> dict[str, str]:
        """Every setting of the connection, secrets too. Raises secrets.Unreadable."""
        return {**self.settings, **secrets.unseal(self.sealed)}

    def driver(self) -> Driver:
        """The driver with the cloud's own credential, connected lazily and kept for this process."""
        return registry.driver_for(str(self.id), self.kind, self.settings, self.sealed, open_=self.connection)

    @property
    def place(self) -> PlaceWords:
        """What a tenant's place is called there."""
        return PLACES[registry.place_word(self.kind)]

    @property
    def bounds(self) -> Bounds:
        """What it does not take of what people type."""
        return registry.bounds(self.kind)

    @property
    def place_value(self) -> dict[str, str]:
        """What a failure's words have to be told of it; they say `project` by themselves."""
        word = registry.place_word(self.kind)
        return {} if word == "project" else {"place": word}

    def driver_for(self, tenant_id: UUID) -> Driver:
        """The driver that works for one tenant, with the tenant's own credential where the cloud has places.

        Raises AuthFailed when the tenant has none.
        """
        if not self.has_places:
            return self.driver()
        account = self.accounts.filter(tenant_id=tenant_id).first()
        if account is None or not account.sealed:
            raise AuthFailed("the tenant has no credential on this cloud")
        account.cloud = self
        return account.driver()

    @property
    def has_places(self) -> bool:
        """Whether each tenant has a place and a credential of its own there."""
        return registry.has_places(self.kind, self.settings)

    def can(self, feature: Feature) -> bool:
        return feature.value in self.features

    @property
    def is_away(self) -> bool:
        """Nothing can be asked of it at present; `is_refused` says for want of what."""
        return self.health in LOST

    @property
    def is_refused(self) -> bool:
        """It answers, and does not accept our own key."""
        return self.health == Health.REFUSED

    @property
    def is_in_maintenance(self) -> bool:
        """Nothing new is made there; what is there goes on."""
        return bool(self.maintenance)

    @property
    def is_testing(self) -> bool:
        """A worker tests the connection, or will."""
        return self.test_asked_at is not None and (self.tested_at is None or self.tested_at < self.test_asked_at)

    @property
    def makes_places(self) -> bool:
        """Whether we have the credential that makes places for tenants."""
        return self.has_places and not self.tenants_bring

    @property
    def is_fake(self) -> bool:
        """Whether its instances are pretended. Every page says so."""
        return self.kind == "fake"


class CloudAccount(models.Model):
    """A tenant's place on a cloud. Where the cloud knows places, the tenant's project, and what lets us in there."""

    class Origin(models.TextChoices):
        MADE = "made", _("Made by Skydeck")
        LINKED = "linked", _("Linked")
        BROUGHT = "brought", _("Brought by the tenant")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="cloud_accounts")
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="accounts")
    origin = models.CharField(max_length=16, choices=Origin.choices, default=Origin.MADE)
    remote_id = models.CharField(max_length=255, blank=True)
    """The cloud's id of the place: a project's id."""
    remote_name = models.CharField(max_length=255, blank=True)

    credential_id = models.CharField(max_length=255, blank=True)
    credential_made_at = models.DateTimeField(null=True)
    sealed = models.TextField(blank=True)
    """The credential; see secrets.py."""
    brought = models.TextField(blank=True)
    """One that the tenant brought, sealed, until a worker has proved it."""

    health = models.CharField(max_length=16, choices=Health.choices, default=Health.UNKNOWN)
    health_detail = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    """When the place last answered, be it only that nothing changed."""
    full_at = models.DateTimeField(null=True)
    """When its last full sync began."""
    cursor = models.CharField(max_length=255, blank=True)
    """From where the cloud is asked for changes."""
    sync_lease_until = models.DateTimeField(null=True)

    limits = models.JSONField(default=dict)
    """The cloud's own limits as last read: `{resource: {"limit": int | None, "used": int | None}}`."""
    limits_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cloud"], name="account_once"),
            models.UniqueConstraint(
                fields=["cloud", "remote_id"], condition=~models.Q(remote_id=""), name="account_place_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} on {self.cloud}"

    def connection(self) -> dict[str, str]:
        """The cloud's public settings and the tenant's own credential. Raises secrets.Unreadable.

        The cloud's own secrets are in it only where the credential is none without them: see `registry.borrows`.
        """
        credential = secrets.unseal(self.sealed)
        lent = secrets.unseal(self.cloud.sealed) if registry.borrows(self.cloud.kind, credential) else {}
        return {**self.cloud.settings, **lent, **credential}

    def driver(self) -> Driver:
        """The driver that works in this place."""
        settings, sealed = self.cloud.settings, f"{self.cloud.sealed} {self.sealed}"
        return registry.driver_for(str(self.id), self.cloud.kind, settings, sealed, open_=self.connection)

    def keep(self, credential: Credential) -> None:
        """Set the fields for a credential; does not save."""
        self.credential_id = credential.id
        self.sealed = secrets.seal(credential.settings)

    @property
    def is_away(self) -> bool:
        return self.cloud.is_away or self.health in LOST

    @property
    def is_refused(self) -> bool:
        """The cloud does not accept the place's credential."""
        return self.health == Health.REFUSED


class Fetched(models.Model):
    """Something long that a worker asked a cloud for, to be shown with its age: hosts, places, what is in one."""

    class What(models.TextChoices):
        HOSTS = "hosts", _("Hosts")
        PLACES = "places", _("Places")
        PLACE = "place", _("What is in a place")

    LISTS = (What.HOSTS, What.PLACES)
    """Of the whole cloud."""

    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="fetched")
    what = models.CharField(max_length=16, choices=What.choices)
    about = models.CharField(max_length=255, blank=True, default="")
    """The cloud's id of the place of which it tells; empty for a list of the whole cloud."""
    items = models.JSONField(default=list)
    """The fields of each RemoteHost or RemotePlace; of a place those of each Limit, and its `resource`."""
    asked_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True)
    """The name of the CloudError with which the last attempt ended; empty when it did well."""
    failure_detail = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cloud", "what", "about"], name="fetched_once")]

    @property
    def is_under_way(self) -> bool:
        return self.asked_at is not None
