"""What a cloud's image list said, into rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from dashboard.clouds.interface import RemoteImage
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.tenancy.models import Tenant

from .models import Image


def sync_images(cloud: Cloud, listed: Iterable[RemoteImage], *, tenant: Tenant | None = None) -> None:
    """The complete list, as one tenant sees it, or everybody. What is not in it any more is marked, never deleted.

    On a cloud without places our mark says whose a snapshot is; one whose tenant is not here is nobody's to see.
    """
    mine = Image.objects.filter(cloud=cloud)
    known = {(i.remote_id, i.tenant_id): i for i in (mine if tenant is None else mine.for_tenant(tenant))}
    seen, changed = set(), False
    for remote in listed:
        owner = None if remote.is_public else tenant or tenant_of(remote)
        if owner is None and not remote.is_public:
            continue
        key = (remote.id, owner.pk if owner else None)
        seen.add(key)
        fields, image = fields_of(remote), known.get(key)
        if image is None or any(getattr(image, name) != value for name, value in fields.items()):
            Image.objects.update_or_create(cloud=cloud, tenant=owner, remote_id=remote.id, defaults=fields)
            changed = True
    gone = [image.pk for key, image in known.items() if key not in seen and not image.is_gone]
    if Image.objects.filter(pk__in=gone).update(is_gone=True) or changed:
        publish(None, "clouds", object_id=cloud.pk)


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
