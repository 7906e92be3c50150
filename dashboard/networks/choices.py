"""What of a cloud's networks can be chosen for a new instance, in four queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .models import Network, SecurityGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Of one tenant on one cloud; the cloud's ids are `remote_id`. Empty where the cloud has none."""

    networks: list[Network]
    """With `subnets` prefetched; those without any give an instance no address and are left out."""
    security_groups: list[SecurityGroup]
    external_networks: list[Network]
    """Where floating IPs come from."""


def choices_of(tenant: Tenant, cloud: Cloud) -> Choices:
    """What the last look saw; what is still being made is not offered."""
    there = Network.objects.for_tenant(tenant).filter(cloud=cloud).exclude(remote_id="")
    pluggable = Q(is_external=False) | Q(is_own=True) | Q(is_shared=True)
    groups = SecurityGroup.objects.for_tenant(tenant).filter(cloud=cloud).exclude(remote_id="")
    return Choices(
        networks=list(there.filter(pluggable, subnets__isnull=False).distinct().prefetch_related("subnets")),
        security_groups=list(groups),
        external_networks=list(there.filter(is_external=True)),
    )


def zone_of(networks: Iterable[Network]) -> str:
    """In which they lie; empty where they span zones."""
    return next((network.zone for network in networks if network.zone), "")
