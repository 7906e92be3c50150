"""The sizes that a cloud offers, into rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboard.clouds.interface import RemoteFlavor
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.tenancy.models import Tenant

from .models import Flavor


def sync_flavors(cloud: Cloud, listed: Iterable[RemoteFlavor], *, tenant: Tenant | None) -> None:
    """The complete list, as one tenant sees it, or everybody. What is not in it any more is marked, never deleted.

    Of the public ones every tenant sees the same; those that are given to some are a row for each of them.
    """
    mine = Flavor.objects.filter(cloud=cloud)
    known = {(f.name, f.tenant_id): f for f in (mine if tenant is None else mine.for_tenant(tenant))}
    seen, changed = set(), False
    for remote in listed:
        owner = None if remote.is_public else tenant
        key = (remote.name[:255], owner.pk if owner else None)
        seen.add(key)
        fields, flavor = fields_of(remote), known.get(key)
        if flavor is None or any(getattr(flavor, name) != value for name, value in fields.items()):
            Flavor.objects.update_or_create(cloud=cloud, tenant=owner, name=key[0], defaults=fields)
            changed = True
    gone = [flavor.pk for key, flavor in known.items() if key not in seen and not flavor.is_gone]
    if Flavor.objects.filter(pk__in=gone).update(is_gone=True) or changed:
        publish(None, "clouds", object_id=cloud.pk)


def fields_of(remote: RemoteFlavor) -> dict[str, Any]:
    return {
        "remote_id": remote.id,
        "vcpus": remote.vcpus,
        "ram_mib": remote.ram_mib,
        "disk_gib": remote.disk_gib,
        "extra_specs": dict(remote.extra_specs),
        "is_gone": False,
    }
