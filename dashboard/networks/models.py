"""Networks as a tenant sees them: its own, and those that it may use.

Every row belongs to one tenant's view of one cloud; a network that is shared is a row for each tenant. On
a cloud without places (libvirt) nothing says whose it is: there `tenant` is None and everybody sees it.
Rows of things that are gone are deleted, unless an operation of ours is open on them.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from dashboard.clouds.models import Cloud
from dashboard.quotas.models import Resource
from dashboard.tenancy.models import Tenant

S = TypeVar("S", bound="Seen")


class SeenManager(models.Manager[S]):
    def for_tenant(self, tenant: Tenant) -> models.QuerySet[S]:
        """The tenant's own view, and what nobody owns on the clouds on which it has a place."""
        clouds = tenant.cloud_accounts.values("cloud")
        return self.filter(Q(tenant=tenant) | Q(tenant=None, cloud__in=clouds))


class Seen(models.Model):
    """What all rows here have: whose view, which cloud, the cloud's id."""

    RESOURCE: ClassVar[Resource | None] = None
    """What of the tenant's quota one of them takes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="+")
    remote_id = models.CharField(max_length=255, blank=True)
    """Empty while it was asked for and is not there yet."""
    name = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    mark = models.CharField(max_length=64, blank=True)
    """What it carries on the cloud when we made it: our id of it, or of the network that it was made with."""
    acted_at = models.DateTimeField(null=True)
    """When we last changed it on the cloud: a look that began before knows nothing of that."""
    failure = models.CharField(max_length=64, blank=True)
    """A code of operations/failures/: why it could not be made, or what was asked last did not work."""

    objects: ClassVar[SeenManager[Self]] = SeenManager()

    class Meta:
        abstract = True
        ordering = ["name", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cloud", "tenant", "remote_id"], condition=~Q(remote_id=""), name="%(class)s_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.remote_id

    @property
    def is_counted(self) -> bool:
        """Whether it takes from the tenant's quota."""
        return self.RESOURCE is not None


class Network(Seen):
    RESOURCE = Resource.NETWORKS
    status = models.CharField(max_length=32, blank=True)
    is_external = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)
    is_own = models.BooleanField(default=True)
    mtu = models.PositiveIntegerField(default=0)
    zone = models.CharField(max_length=255, blank=True)
    """The one availability zone in which it lies; empty where it spans zones."""
    asked = models.JSONField(default=dict)
    """What was asked for when it was made here: cidr, gateway, dns, external network."""

    @property
    def is_counted(self) -> bool:
        return self.is_own


class Subnet(Seen):
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="subnets")
    cidr = models.CharField(max_length=64)
    gateway = models.CharField(max_length=64, blank=True)
    has_dhcp = models.BooleanField(default=True)
    dns = models.JSONField(default=list)
    pools = models.JSONField(default=list)


class Router(Seen):
    RESOURCE = Resource.ROUTERS
    status = models.CharField(max_length=32, blank=True)
    external_network_id = models.CharField(max_length=255, blank=True)
    """The cloud's id of the network that it leads to."""
    external_addresses = models.JSONField(default=list)
    subnet_ids = models.JSONField(default=list)
    """The cloud's ids of the subnets that it connects."""


class Port(Seen):
    network_id = models.CharField(max_length=255)
    """The cloud's id, since a port may be seen before its network."""
    mac = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=32, blank=True)
    addresses = models.JSONField(default=list)
    """[subnet id, address] each."""
    instance_id = models.CharField(max_length=255, blank=True, db_index=True)
    """The cloud's id of the instance that it is plugged into."""
    owner = models.CharField(max_length=255, blank=True)
    security_group_ids = models.JSONField(default=list)


class SecurityGroup(Seen):
    RESOURCE = Resource.SECURITY_GROUPS
    description = models.TextField(blank=True)

    @property
    def is_default(self) -> bool:
        """The one that each tenant has and that no cloud lets go."""
        return self.name == "default" and not self.mark


class Rule(models.Model):
    """One rule of a security group."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(SecurityGroup, on_delete=models.CASCADE, related_name="rules")
    remote_id = models.CharField(max_length=255, blank=True)
    direction = models.CharField(max_length=16)
    family = models.CharField(max_length=8)
    protocol = models.CharField(max_length=32, blank=True)
    port_min = models.PositiveIntegerField(default=0)
    port_max = models.PositiveIntegerField(default=0)
    cidr = models.CharField(max_length=64, blank=True)
    peer_group_id = models.CharField(max_length=255, blank=True)
    """The cloud's id of the group that is the other side."""
    description = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["direction", "family", "protocol", "port_min", "remote_id"]


class FloatingIp(Seen):
    """Its name is its address. `holder` of its quota is its own id."""

    RESOURCE = Resource.FLOATING_IPS
    address = models.CharField(max_length=64, blank=True)
    network_id = models.CharField(max_length=255, blank=True)
    """The cloud's id of the network that it comes from."""
    status = models.CharField(max_length=32, blank=True)
    port_id = models.CharField(max_length=255, blank=True)
    fixed_address = models.CharField(max_length=64, blank=True)
