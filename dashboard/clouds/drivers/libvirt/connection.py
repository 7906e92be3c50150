"""The connection form of a libvirt host."""

from __future__ import annotations

from collections.abc import Mapping

from ...interface import ConnectionField

FIELDS = (
    ConnectionField(name="uri", label="URI", help="For example qemu:///system or qemu+ssh://root@host/system."),
    ConnectionField(
        name="pool",
        label="Disks",
        help="The directory on that host for disks and console logs. It must exist.",
    ),
    ConnectionField(
        name="images",
        label="Images",
        help="The directory on that host that holds the base images, as *.qcow2. Guests only read them.",
    ),
    ConnectionField(
        name="accel",
        label="Acceleration",
        help="kvm where the processor can run guests itself, else tcg.",
        required=False,
        default="kvm",
    ),
)
PLACE_FIELDS: tuple[ConnectionField, ...] = ()


def has_places(settings: Mapping[str, str]) -> bool:
    """A host knows no tenants: whose an instance is stands in our mark."""
    return False
