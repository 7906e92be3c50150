"""What a cloud's image list said, into rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboard.clouds.interface import RemoteImage
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish

from .models import Image


def sync_images(cloud: Cloud, listed: Iterable[RemoteImage]) -> None:
    """The complete list of a cloud. Images that it does not have any more are marked, never deleted."""
    known = {image.remote_id: image for image in Image.objects.filter(cloud=cloud)}
    seen, changed = set(), False
    for remote in listed:
        seen.add(remote.id)
        image = known.get(remote.id) or Image(cloud=cloud, remote_id=remote.id)
        fields = fields_of(remote)
        if image._state.adding or any(getattr(image, name) != value for name, value in fields.items()):
            Image.objects.update_or_create(cloud=cloud, remote_id=remote.id, defaults=fields)
            changed = True
    gone = [image.pk for image in known.values() if image.remote_id not in seen and not image.is_gone]
    if Image.objects.filter(pk__in=gone).update(is_gone=True) or changed:
        publish(None, "clouds", object_id=cloud.pk)


def fields_of(remote: RemoteImage) -> dict[str, Any]:
    return {
        "name": remote.name[:255],
        "min_disk_gib": remote.min_disk_gib,
        "min_ram_mib": remote.min_ram_mib,
        "size_bytes": remote.size_bytes,
        "login_hint": remote.login_hint[:255],
        "is_gone": False,
    }
