"""Removing a cloud from Skydeck. Nothing on the cloud itself is touched; the audit trail keeps what was done."""

from __future__ import annotations

from django.db import transaction

from dashboard.clouds.actions import described, note
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances.models import Instance
from dashboard.live.publish import publish
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Administrator


class InUse(Exception):
    """Something of it is still there."""


def present(cloud: Cloud) -> list[Instance]:
    return list(Instance.objects.present().filter(cloud=cloud).select_related("tenant")[:50])


def linked(cloud: Cloud) -> list[CloudAccount]:
    """Tenants whose credentials are not ended yet. On a cloud without places there are none to end."""
    return list(cloud.accounts.select_related("tenant")) if cloud.has_places else []


@transaction.atomic
def remove(administrator: Administrator, cloud: Cloud) -> None:
    """With the rows of what was there once. Raises InUse."""
    if present(cloud) or linked(cloud) or Operation.objects.open().filter(cloud=cloud).exists():
        raise InUse
    before = described(cloud)
    Operation.objects.filter(cloud=cloud).delete()
    Instance.objects.filter(cloud=cloud).delete()
    publish(None, "clouds", object_id=cloud.pk)
    note(administrator, "cloud.remove", cloud=cloud, before=before)
    cloud.delete()
