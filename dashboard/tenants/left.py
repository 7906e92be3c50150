"""What still belongs to a tenant, in the order in which it has to go: what holds something goes before that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from dashboard.clouds.models import CloudAccount
from dashboard.instances.models import Instance, LaunchTemplate
from dashboard.keypairs.models import KeyPair
from dashboard.networks.models import FloatingIp, Network, Router, SecurityGroup
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Tenant

MANY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing. `url` names the page of the tenant that lists it."""

    name: str
    counted: Callable[[int], str]
    """What stands behind so many of them."""
    rows: Callable[[Tenant], QuerySet[Any]]
    url: str

    @property
    def label(self) -> str:
        return self.counted(MANY)


@dataclass(frozen=True, slots=True)
class Left:
    kind: Kind
    number: int
    url: str
    restorable: int = 0
    """Of instances: how many of them were deleted and can still be restored."""

    @property
    def label(self) -> str:
        return self.kind.counted(self.number)


KINDS = (
    Kind(
        name="instances",
        counted=lambda number: ngettext("Instance", "Instances", number),
        rows=lambda tenant: Instance.objects.for_tenant(tenant).present(),
        url="instances:index",
    ),
    Kind(
        name="floating-ips",
        counted=lambda number: ngettext("Floating IP", "Floating IPs", number),
        rows=lambda tenant: FloatingIp.objects.filter(tenant=tenant),
        url="networks:addresses",
    ),
    Kind(
        name="routers",
        counted=lambda number: ngettext("Router", "Routers", number),
        rows=lambda tenant: Router.objects.filter(tenant=tenant),
        url="networks:index",
    ),
    Kind(
        name="networks",
        counted=lambda number: ngettext("Network", "Networks", number),
        rows=lambda tenant: Network.objects.filter(tenant=tenant, is_own=True),
        url="networks:index",
    ),
    Kind(
        name="security-groups",
        counted=lambda number: ngettext("Security group", "Security groups", number),
        rows=lambda tenant: SecurityGroup.objects.filter(tenant=tenant).exclude(name="default", mark=""),
        url="networks:groups",
    ),
    Kind(
        name="key-pairs",
        counted=lambda number: ngettext("Key pair", "Key pairs", number),
        rows=lambda tenant: KeyPair.objects.for_tenant(tenant),
        url="keypairs:index",
    ),
    Kind(
        name="templates",
        counted=lambda number: ngettext("Launch template", "Launch templates", number),
        rows=lambda tenant: LaunchTemplate.objects.filter(tenant=tenant),
        url="instances:templates",
    ),
    Kind(
        name="places",
        counted=lambda number: ngettext("Place on a cloud", "Places on clouds", number),
        rows=lambda tenant: CloudAccount.objects.filter(tenant=tenant),
        url="clouds:index",
    ),
    Kind(
        name="operations",
        counted=lambda number: ngettext("Operation under way", "Operations under way", number),
        rows=lambda tenant: Operation.objects.for_tenant(tenant).open(),
        url="operations:index",
    ),
)


def counts(tenant: Tenant) -> dict[str, int]:
    """Of each kind of which something is left, how much. One query for each kind."""
    found = {kind.name: kind.rows(tenant).count() for kind in KINDS}
    return {name: number for name, number in found.items() if number}


def left_of(tenant: Tenant) -> list[Left]:
    """For the page that asks."""
    numbers = counts(tenant)
    restorable = Instance.objects.for_tenant(tenant).restorable().count() if "instances" in numbers else 0
    return [
        Left(
            kind,
            numbers[kind.name],
            reverse(kind.url, args=[tenant.slug]),
            restorable if kind.name == "instances" else 0,
        )
        for kind in KINDS
        if kind.name in numbers
    ]
