"""What a cloud's image list said, into rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from dashboard.clouds.interface import RemoteImage
from dashboard.clouds.listed import Seen, write
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .models import Image


def sync_images(cloud: Cloud, listed: Iterable[RemoteImage], *, tenant: Tenant | None = None) -> None:
    """The complete list, as one tenant sees it, or everybody. What is not in it any more is marked, never deleted.

    On a cloud without places our mark says whose a snapshot is; one whose tenant is not here is nobody's to see.
    """
    mine = Image.objects.filter(cloud=cloud)
    write(cloud, mine if tenant is None else mine.for_tenant(tenant), seen_by(tenant, listed), by="remote_id")


def seen_by(tenant: Tenant | None, listed: Iterable[RemoteImage]) -> Seen:
    for remote in listed:
        owner = None if remote.is_public else tenant or tenant_of(remote)
        if owner or remote.is_public:
            yield owner, remote.id, fields_of(remote)


def tenant_of(remote: RemoteImage) -> Tenant | None:
    try:
        return Tenant.objects.filter(pk=UUID(remote.tenant_id)).first()
    except ValueError:
        return None


def fields_of(remote: RemoteImage) -> dict[str, Any]:
    return {
        "name": remote.name[:255] or remote.id,
        "min_disk_gib": remote.min_disk_gib,
        "min_ram_mib": remote.min_ram_mib,
        "size_bytes": remote.size_bytes,
        "login_hint": remote.login_hint[:255],
        "is_windows": remote.is_windows,
        "is_snapshot": remote.is_snapshot,
        "is_gone": False,
    }
