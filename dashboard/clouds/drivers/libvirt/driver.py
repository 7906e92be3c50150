"""A libvirt host as a cloud."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import libvirt

from ...interface import CloudFacts, Compute, Driver, Feature, Images
from . import host, storage
from .capacity import LibvirtCapacity
from .compute import LibvirtCompute
from .consoles import LibvirtConsoles
from .hypervisor import Hypervisor
from .images import LibvirtImages
from .launch import Launch
from .lifecycle import LibvirtLifecycle
from .metrics import LibvirtMetrics
from .networks import LibvirtNetworks
from .snapshots import Snapshots

LIFECYCLE = frozenset(
    {
        Feature.START_STOP,
        Feature.REBOOT_SOFT,
        Feature.REBOOT_HARD,
        Feature.PAUSE,
        Feature.SUSPEND,
        Feature.LOCK,
        Feature.RESIZE,
        Feature.REBUILD,
        Feature.RENAME,
        Feature.DESCRIPTION,
        Feature.CAPACITY,
        Feature.TAGS,
        Feature.METADATA,
        Feature.EVENTS,
        Feature.FLAVOR_EDIT,
        Feature.ADDRESSES_STAY,
    }
)
GUESTS = frozenset(
    {
        Feature.PUBLIC_KEY,
        Feature.USER_DATA,
        Feature.SNAPSHOT,
        Feature.CONSOLE_SERIAL,
        Feature.CONSOLE_LOG,
        Feature.METRICS,
    }
)
"""What needs a guest; the test driver that is built into libvirt has none."""

LOCAL = frozenset({Feature.CONSOLE_VNC})
"""What needs a libvirt on this machine: a screen is a socket that it hands over, which no network carries."""

SYSTEM = frozenset({Feature.NETWORKS})
"""What needs libvirt as the system's service: one in a session has QEMU's user mode and no network of its own."""

KINDS = {"kvm": "kvm", "tcg": "qemu"}


class LibvirtDriver(Driver):
    def __init__(self, *, uri: str, pool: str, images: str, accel: str) -> None:
        has_guests = _has_guests(uri)
        self.hypervisor = Hypervisor(uri)
        self.pool = pool
        self.accel = accel if has_guests else ""
        base_images = LibvirtImages(self.hypervisor, folder=images)
        launch = Launch(pool=pool, images=base_images, kind=KINDS[accel] if has_guests else "test")
        self.features = features_of(uri)
        snapshots = Snapshots(self.hypervisor, pool=pool, images=base_images)
        self.compute: Compute = LibvirtCompute(self.hypervisor, launch=launch, snapshots=snapshots)
        self.images: Images = base_images
        self.lifecycle = LibvirtLifecycle(self.hypervisor, pool=pool, images=base_images, snapshots=snapshots)
        self.capacity = LibvirtCapacity(self.hypervisor, pool=pool)
        self.consoles = LibvirtConsoles(self.hypervisor) if has_guests else None
        self.metrics = LibvirtMetrics(self.hypervisor) if has_guests else None
        self.networks = LibvirtNetworks(self.hypervisor) if Feature.NETWORKS in self.features else None

    def check(self) -> CloudFacts:
        return self.hypervisor.run(self._facts)

    def close(self) -> None:
        self.hypervisor.close()

    def _facts(self, connection: libvirt.virConnect) -> CloudFacts:
        """Also proves that the directory of disks is there."""
        pool = storage.pool_of(connection, self.pool)
        storage.refresh(pool)
        return CloudFacts(
            version=host.versions(connection),
            acceleration=self.accel,
            vcpus=host.vcpus(connection),
            ram_mib=host.memory_mib(connection),
            disk_free_gib=pool.info()[3] >> 30,
            notes={"host": connection.getHostname()},
        )


def features_of(uri: str) -> frozenset[Feature]:
    always = LIFECYCLE | SYSTEM if _has_networks(uri) else LIFECYCLE
    if not _has_guests(uri):
        return always
    return always | GUESTS | (LOCAL if _is_local(uri) else frozenset())


def _has_guests(uri: str) -> bool:
    return not uri.startswith("test:")


def _has_networks(uri: str) -> bool:
    return not _has_guests(uri) or urlsplit(uri).path == "/system"


def _is_local(uri: str) -> bool:
    """https://libvirt.org/uri.html: without a host name or with the transport `unix` it is this machine's."""
    parts = urlsplit(uri)
    return not parts.hostname and parts.scheme.partition("+")[2] in ("", "unix")


def connect(settings: Mapping[str, str]) -> Driver:
    return LibvirtDriver(
        uri=settings["uri"], pool=settings["pool"], images=settings["images"], accel=settings.get("accel") or "kvm"
    )
