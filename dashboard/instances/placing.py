"""Zones and server groups as a cloud lists them, kept for the launch form."""

from __future__ import annotations

from dashboard.clouds.interface import Driver, Feature
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .models import PlacingChoice
from .scope import Scope


def sync_placing(scope: Scope, driver: Driver) -> None:
    """Raises CloudError."""
    if driver.placing is None:
        return
    groups = driver.placing.groups() if Feature.SERVER_GROUPS in driver.features else ()
    known = [{"id": group.id, "name": group.name[:255], "policy": group.policy} for group in groups]
    zones = list(driver.placing.zones()) if Feature.ZONES in driver.features else []
    row, _new = PlacingChoice.objects.get_or_create(cloud=scope.cloud, tenant=scope.tenant)
    if (row.zones, row.groups) != (zones, known):
        PlacingChoice.objects.filter(pk=row.pk).update(zones=zones, groups=known)


def choice_of(tenant: Tenant, cloud: Cloud) -> PlacingChoice:
    """The tenant's own view; where the cloud has no places, everybody's. Never another tenant's."""
    owner = tenant if cloud.has_places else None
    return PlacingChoice.objects.filter(cloud=cloud, tenant=owner).first() or PlacingChoice(cloud=cloud, tenant=owner)


def add_group(cloud: Cloud, tenant: Tenant, *, group_id: str, name: str, policy: str) -> None:
    """One that we made, so that the next launch can choose it before the next full look."""
    row, _new = PlacingChoice.objects.get_or_create(cloud=cloud, tenant=tenant if cloud.has_places else None)
    if not any(group["id"] == group_id for group in row.groups):
        row.groups = [*row.groups, {"id": group_id, "name": name[:255], "policy": policy}]
        row.save(update_fields=["groups"])


def forget_group(cloud: Cloud, tenant: Tenant, *, group_id: str) -> None:
    """One that we removed: no launch can choose it any more."""
    owner = tenant if cloud.has_places else None
    for row in PlacingChoice.objects.filter(cloud=cloud, tenant=owner):
        row.groups = [group for group in row.groups if group["id"] != group_id]
        row.save(update_fields=["groups"])
