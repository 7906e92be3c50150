"""Nova's and Glance's words into ours. Pure functions: JSON in, frozen dataclass out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ...interface import Mark, RemoteFlavor, RemoteImage, RemoteInstance, Status

GIB = 1 << 30

INSTANCE = "skydeck_instance"
TENANT = "skydeck_tenant"
OPERATION = "skydeck_operation"
MARKS = (INSTANCE, TENANT, OPERATION)
"""Metadata keys of our mark."""

TAG = "skydeck-"
"""What our tags begin with; Nova filters by tags, and not by metadata."""

STATUSES = {
    "active": Status.ACTIVE,
    "building": Status.BUILD,
    "paused": Status.PAUSED,
    "suspended": Status.SUSPENDED,
    "stopped": Status.SHUTOFF,
    "rescued": Status.RESCUE,
    "resized": Status.RESIZED,
    "shelved": Status.SHELVED,
    "shelved_offloaded": Status.SHELVED,
    "error": Status.ERROR,
    "deleted": Status.DELETED,
    "soft-delete": Status.DELETED,
}
"""By `OS-EXT-STS:vm_state` (nova/compute/vm_states.py)."""

WORDS = {
    "ACTIVE": Status.ACTIVE,
    "BUILD": Status.BUILD,
    "PAUSED": Status.PAUSED,
    "SUSPENDED": Status.SUSPENDED,
    "SHUTOFF": Status.SHUTOFF,
    "RESCUE": Status.RESCUE,
    "VERIFY_RESIZE": Status.RESIZED,
    "SHELVED": Status.SHELVED,
    "SHELVED_OFFLOADED": Status.SHELVED,
    "ERROR": Status.ERROR,
    "DELETED": Status.DELETED,
    "SOFT_DELETED": Status.DELETED,
}
"""By `status`, where there is no vm_state. REBOOT, RESIZE and the like say what is under way, and tell no state."""


def to_status(server: Mapping[str, Any]) -> Status:
    """DELETED wins: what was deleted while in ERROR keeps its vm_state."""
    word = WORDS.get(server["status"], Status.UNKNOWN)
    if word is Status.DELETED:
        return word
    state = server.get("OS-EXT-STS:vm_state")
    return word if state is None else STATUSES.get(state, Status.UNKNOWN)


def to_instance(server: Mapping[str, Any]) -> RemoteInstance:
    """A server in detail, from microversion 2.69 on: with its flavor in it, locked and tags."""
    if "name" not in server:
        return partial(server)
    flavor, metadata = server["flavor"], server["metadata"]
    return RemoteInstance(
        id=server["id"],
        name=server["name"],
        status=to_status(server),
        vcpus=flavor["vcpus"],
        ram_mib=flavor["ram"],
        disk_gib=flavor["disk"] + flavor["ephemeral"],
        mark=to_mark(metadata),
        addresses=tuple(to_addresses(server["addresses"])),
        host=server.get("OS-EXT-SRV-ATTR:host") or "",
        image_id=server["image"]["id"] if server["image"] else "",
        flavor_name=flavor["original_name"],
        created_at=to_time(server["created"]),
        fault=server.get("fault", {}).get("message", ""),
        task=server.get("OS-EXT-STS:task_state") or "",
        is_locked=server["locked"],
        description=server["description"] or "",
        zone=server.get("OS-EXT-AZ:availability_zone") or "",
        key_name=server["key_name"] or "",
        tags=tuple(sorted(tag for tag in server["tags"] if not tag.startswith(TAG))),
        metadata={key: value for key, value in metadata.items() if key not in MARKS},
        volume_ids=tuple(volume["id"] for volume in server["os-extended-volumes:volumes_attached"]),
    )


def partial(server: Mapping[str, Any]) -> RemoteInstance:
    """A server of a cell that is down: Nova tells no more than its id and when it was made (2.69, "down cells")."""
    return RemoteInstance(
        id=server["id"], name="", status=Status.UNKNOWN, vcpus=0, ram_mib=0, disk_gib=0, is_partial=True
    )


def to_mark(metadata: Mapping[str, str]) -> Mark | None:
    if not metadata.get(INSTANCE):
        return None
    return Mark(
        instance_id=metadata[INSTANCE], tenant_id=metadata.get(TENANT, ""), operation_id=metadata.get(OPERATION, "")
    )


def of_mark(mark: Mark) -> dict[str, str]:
    return {INSTANCE: mark.instance_id, TENANT: mark.tenant_id, OPERATION: mark.operation_id}


def to_addresses(networks: Mapping[str, Any]) -> Iterator[str]:
    """The fixed ones first, each once."""
    found = [entry for entries in networks.values() for entry in entries]
    for kind in ("fixed", "floating"):
        for entry in found:
            if entry.get("OS-EXT-IPS:type", "fixed") == kind:
                yield entry["addr"]


def to_flavor(flavor: Mapping[str, Any]) -> RemoteFlavor:
    """From 2.61 on, with its extra specs. Disk: root and ephemeral, as Nova's scheduler counts."""
    return RemoteFlavor(
        id=flavor["id"],
        name=flavor["name"],
        vcpus=flavor["vcpus"],
        ram_mib=flavor["ram"],
        disk_gib=flavor["disk"] + flavor["OS-FLV-EXT-DATA:ephemeral"],
        is_public=flavor.get("os-flavor-access:is_public", True),
        extra_specs=dict(flavor.get("extra_specs") or {}),
    )


def to_image(image: Mapping[str, Any]) -> RemoteImage:
    return RemoteImage(
        id=image["id"],
        name=image["name"] or "",
        min_disk_gib=max(image["min_disk"], _gib(image.get("virtual_size")), _gib(image["size"])),
        min_ram_mib=image["min_ram"],
        size_bytes=image["size"] or 0,
        login_hint=login_hint(image),
        is_public=image["visibility"] in ("public", "community"),
        is_snapshot=image.get("image_type") == "snapshot",
        is_windows=is_windows(image),
    )


def is_windows(image: Mapping[str, Any]) -> bool | None:
    """Both are properties that Nova and Horizon know, and that many an image lacks."""
    said = image.get("os_type") or image.get("os_distro")
    return str(said).lower() == "windows" if said else None


def login_hint(image: Mapping[str, Any]) -> str:
    """`os_admin_user` is Glance's own word for it (metadefs/operating-system.json)."""
    user = image.get("os_admin_user")
    return str(user or image.get("description") or "")[:200]


def _gib(size_bytes: int | None) -> int:
    """Rounded up: a disk of as many GiB holds it."""
    return -(-(size_bytes or 0) // GIB)


def to_time(text: str) -> datetime:
    """Nova's times are UTC, with a Z or with nothing."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
