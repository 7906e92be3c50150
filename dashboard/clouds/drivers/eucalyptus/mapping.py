"""EC2's words into ours. Pure functions: elements of an answer, or what boto3 made of one, in; frozen dataclass out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

from ...interface import RemoteFlavor, RemoteImage, RemoteInstance, Status
from . import tags
from .markup import rows, text

STATES: dict[str, tuple[Status, str]] = {
    "pending": (Status.BUILD, ""),
    "running": (Status.ACTIVE, ""),
    "stopping": (Status.ACTIVE, "powering-off"),
    "stopped": (Status.SHUTOFF, ""),
    "shutting-down": (Status.ACTIVE, "deleting"),
    "terminated": (Status.DELETED, ""),
}
"""Status, and what the cloud does about it just now."""

NO_ADDRESS = ("", "0.0.0.0")  # noqa: S104
EBS, WINDOWS = "ebs", "windows"


def to_instance(raw: Element, *, flavors: Mapping[str, RemoteFlavor], sizes_gib: Mapping[str, int]) -> RemoteInstance:
    """An `item` of `instancesSet`. `sizes_gib` are those of volumes by their ids. What EC2 leaves out is empty."""
    status, task = STATES.get(text(raw, "instanceState/name"), (Status.UNKNOWN, ""))
    kind, pairs = text(raw, "instanceType"), tags_of(raw)
    flavor = flavors.get(kind)
    disk_gib = sizes_gib.get(root_volume_of(raw)) or (flavor.disk_gib if flavor else 0)
    return RemoteInstance(
        id=text(raw, "instanceId"),
        name=pairs.get(tags.NAME, ""),
        status=status,
        task=task,
        vcpus=flavor.vcpus if flavor else 0,
        ram_mib=flavor.ram_mib if flavor else 0,
        disk_gib=disk_gib,
        mark=tags.to_mark(pairs, token=text(raw, "clientToken")),
        addresses=tuple(addresses_of(raw)),
        image_id=text(raw, "imageId"),
        flavor_id=kind,
        flavor_name=kind,
        created_at=to_time(text(raw, "launchTime")),
        description=pairs.get(tags.DESCRIPTION, ""),
        zone=text(raw, "placement/availabilityZone"),
        key_name=text(raw, "keyName"),
        tags=tags.words_in(pairs),
        metadata=tags.metadata_in(pairs),
        volume_ids=tuple(volume for volume in volumes_of(raw).values() if volume not in ends_with(raw)),
        keeps_disk=text(raw, "rootDeviceType") == EBS,
        is_unfinished=tags.is_without_ours(pairs, token=text(raw, "clientToken")),
    )


def reason_of(raw: Element) -> str:
    """Why it ended, in the cloud's words."""
    return text(raw, "stateReason/message") or text(raw, "reason") or "it has ended"


def tags_of(raw: Element) -> dict[str, str]:
    return tags.in_list({"Key": text(pair, "key"), "Value": text(pair, "value")} for pair in rows(raw, "tagSet"))


def volumes_of(raw: Element) -> dict[str, str]:
    """Device and volume."""
    mapped = rows(raw, "blockDeviceMapping")
    found = {text(one, "deviceName"): text(one, "ebs/volumeId") for one in mapped}
    return {device: volume for device, volume in found.items() if volume}


def root_volume_of(raw: Element) -> str:
    """Empty for an instance of the instance store. The device of the root is not always told."""
    if text(raw, "rootDeviceType") != EBS:
        return ""
    volumes = volumes_of(raw)
    return volumes.get(text(raw, "rootDeviceName")) or next(iter(volumes.values()), "")


def ends_with(raw: Element) -> set[str]:
    """The root volume, which is the instance's own disk, unless it was told to outlast it."""
    outlasting = {
        text(one, "ebs/volumeId")
        for one in rows(raw, "blockDeviceMapping")
        if text(one, "ebs/deleteOnTermination") == "false"
    }
    return {root_volume_of(raw)} - outlasting


def addresses_of(raw: Element) -> Iterator[str]:
    """The private one first, each once."""
    seen = set(NO_ADDRESS)
    for name in ("privateIpAddress", "ipAddress"):
        if (address := text(raw, name)) not in seen:
            seen.add(address)
            yield address


def to_time(said: str) -> datetime | None:
    if not said:
        return None
    found = datetime.fromisoformat(said)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def to_flavor(raw: Element) -> RemoteFlavor:
    """An `item` of `instanceTypeDetails`, which no other EC2 has. Its name is its id."""
    name = text(raw, "name")
    return RemoteFlavor(
        id=name,
        name=name,
        vcpus=int(text(raw, "cpu")),
        ram_mib=int(text(raw, "memory")),
        disk_gib=int(text(raw, "disk")),
    )


def to_image(raw: Mapping[str, Any]) -> RemoteImage:
    """How large an image of the instance store is, is not told. A platform is told of Windows alone."""
    root = root_of(raw)
    return RemoteImage(
        id=raw["ImageId"],
        name=raw.get("Name") or raw.get("ImageLocation") or raw["ImageId"],
        min_disk_gib=root.get("VolumeSize") or 0,
        login_hint=tags.in_list(raw.get("Tags", ())).get("login", "")[:200],
        is_public=bool(raw.get("Public")),
        keeps_disk=raw.get("RootDeviceType") == EBS,
        is_windows=str(raw.get("Platform") or "").lower() == WINDOWS,
    )


def root_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of an image's root volume; empty for one of the instance store."""
    if raw.get("RootDeviceType") != EBS:
        return {}
    mapped = [one for one in raw.get("BlockDeviceMappings", ()) if one.get("Ebs")]
    named = next((one for one in mapped if one.get("DeviceName") == raw.get("RootDeviceName")), None)
    found = named or next(iter(mapped), None)
    return dict(found["Ebs"]) if found else {}
