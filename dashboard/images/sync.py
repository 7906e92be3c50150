"""What a cloud's image list said, into rows."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.clouds.interface import RemoteImage
from dashboard.clouds.models import Cloud

from .models import Image


def sync_images(cloud: Cloud, listed: Iterable[RemoteImage]) -> None:
    """The complete list of a cloud. Images that it does not have any more are marked, never deleted."""
    seen = []
    for remote in listed:
        fields = {
            "name": remote.name[:255],
            "min_disk_gib": remote.min_disk_gib,
            "min_ram_mib": remote.min_ram_mib,
            "size_bytes": remote.size_bytes,
            "login_hint": remote.login_hint[:255],
            "is_gone": False,
        }
        Image.objects.update_or_create(cloud=cloud, remote_id=remote.id, defaults=fields)
        seen.append(remote.id)
    Image.objects.usable().filter(cloud=cloud).exclude(remote_id__in=seen).update(is_gone=True)
