"""libvirt's words in ours: pure functions from what it says to what we show."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from datetime import datetime

import libvirt

from ...interface import Mark, RemoteInstance, Status
from .domain_xml import EARLIER_TAG, MARK_TAG, METADATA_TAG, SNAPSHOT_TAG, TAG_TAG, parse

IDS = uuid.UUID("0b7c6f0e-4b0f-5d0e-9f57-5a2f3a3b8e61")
"""The namespace of domain UUIDs for instance ids that are no UUIDs."""

STATES: dict[int, Status] = {
    libvirt.VIR_DOMAIN_RUNNING: Status.ACTIVE,
    libvirt.VIR_DOMAIN_BLOCKED: Status.ACTIVE,
    libvirt.VIR_DOMAIN_PAUSED: Status.PAUSED,
    libvirt.VIR_DOMAIN_SHUTDOWN: Status.ACTIVE,  # on its way down; it is off when libvirt says SHUTOFF
    libvirt.VIR_DOMAIN_SHUTOFF: Status.SHUTOFF,
    libvirt.VIR_DOMAIN_CRASHED: Status.ERROR,
    libvirt.VIR_DOMAIN_PMSUSPENDED: Status.SUSPENDED,
}

SUSPENDING = "suspending"
SAVING = (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_SAVE)

REASONS: dict[tuple[int, int], Status] = {
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_STARTING_UP): Status.BUILD,
    SAVING: Status.ACTIVE,
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR): Status.ERROR,
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_CRASHED): Status.ERROR,
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SAVED): Status.SUSPENDED,
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED): Status.ERROR,
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_FAILED): Status.ERROR,
}
"""Where the reason says more than the state."""

FAULTS: dict[tuple[int, int], str] = {
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR): "The guest is paused: its disk gave an error.",
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_CRASHED): "The guest crashed.",
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED): "The guest's process ended unexpectedly.",
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_FAILED): "The guest could not be started.",
}


def to_status(state: int, reason: int) -> Status:
    """`state` and `reason` are virDomainState and its reason."""
    return REASONS.get((state, reason)) or STATES.get(state, Status.UNKNOWN)


def to_fault(state: int, reason: int) -> str:
    default = "The guest crashed." if state == libvirt.VIR_DOMAIN_CRASHED else ""
    return FAULTS.get((state, reason), default)


def to_task(mark: ET.Element, state: int, reason: int) -> str:
    """What is under way, in Nova's words, which stand for those of all clouds."""
    if mark.find(SNAPSHOT_TAG) is not None:
        return "image_snapshot"
    return SUSPENDING if (state, reason) == SAVING else ""


def to_instance(xml: str, *, state: int, reason: int, host: str = "") -> RemoteInstance:
    """`xml` is the domain's own. A user-mode network has no address to show: every guest has the same one."""
    domain = parse(xml)
    ours = domain.find(f"metadata/{MARK_TAG}")
    ours = ours if ours is not None else ET.Element("none")
    said = dict(ours.attrib)
    return RemoteInstance(
        id=domain.findtext("uuid", ""),
        name=said.get("name", "") or domain.findtext("name", ""),
        status=_resized(ours, to_status(state, reason)),
        vcpus=_number(domain.findtext("vcpu")),
        ram_mib=_number(domain.findtext("memory")) // 1024,  # libvirt says KiB, whatever it was told
        disk_gib=_number(said.get("disk-gib")),
        mark=_mark(said),
        host=host,
        image_id=said.get("image", ""),
        flavor_id=said.get("flavor", ""),
        created_at=_time(said.get("created", "")),
        fault=to_fault(state, reason),
        task=to_task(ours, state, reason),
        is_locked=said.get("locked") == "yes",
        description=said.get("description", ""),
        tags=tuple(node.get("name", "") for node in ours.findall(TAG_TAG)),
        metadata={node.get("key", ""): node.get("value", "") for node in ours.findall(METADATA_TAG)},
    )


def to_mark(xml: str) -> Mark | None:
    """Our mark on the domain of that XML, or None where we did not make it."""
    ours: ET.Element | None = parse(xml).find(f"metadata/{MARK_TAG}")
    return _mark(dict(ours.attrib)) if ours is not None else None


def domain_uuid(instance_id: str) -> str:
    """The domain's UUID for an instance of ours: the same one for the same instance, always."""
    try:
        return str(uuid.UUID(instance_id))
    except ValueError:
        return str(uuid.uuid5(IDS, instance_id))


def domain_name(domain_uuid: str) -> str:
    """From the end of the UUID: where UUIDs begin with the time, many begin alike."""
    return f"skydeck-{domain_uuid[-12:]}"


def _resized(mark: ET.Element, status: Status) -> Status:
    """A resize that is neither confirmed nor reverted."""
    is_open = mark.find(EARLIER_TAG) is not None and status in (Status.ACTIVE, Status.SHUTOFF)
    return Status.RESIZED if is_open else status


def _mark(said: dict[str, str]) -> Mark | None:
    if not said.get("id"):
        return None
    return Mark(tenant_id=said.get("tenant", ""), instance_id=said["id"], operation_id=said.get("operation", ""))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
