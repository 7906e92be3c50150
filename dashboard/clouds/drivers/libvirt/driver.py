"""A libvirt host as a cloud."""

from __future__ import annotations

from collections.abc import Mapping

import libvirt

from ...interface import CloudFacts, Compute, Consoles, Driver, Feature, Images
from . import host, storage
from .compute import LibvirtCompute
from .consoles import LibvirtConsoles
from .hypervisor import Hypervisor
from .images import LibvirtImages
from .launch import Launch

LIFECYCLE = frozenset({Feature.START_STOP, Feature.REBOOT_SOFT, Feature.REBOOT_HARD, Feature.EVENTS})
GUESTS = frozenset({Feature.PUBLIC_KEY, Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL, Feature.CONSOLE_LOG})
"""What needs a guest; the test driver that is built into libvirt has none."""

KINDS = {"kvm": "kvm", "tcg": "qemu"}


class LibvirtDriver:
    def __init__(self, *, uri: str, pool: str, images: str, accel: str) -> None:
        has_guests = not uri.startswith("test:")
        self.hypervisor = Hypervisor(uri)
        self.pool = pool
        self.accel = accel if has_guests else ""
        base_images = LibvirtImages(self.hypervisor, folder=images)
        launch = Launch(pool=pool, images=base_images, kind=KINDS[accel] if has_guests else "test")
        self.features = LIFECYCLE | GUESTS if has_guests else LIFECYCLE
        self.compute: Compute = LibvirtCompute(self.hypervisor, launch=launch)
        self.images: Images = base_images
        self.consoles: Consoles | None = LibvirtConsoles(self.hypervisor) if has_guests else None

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


def connect(settings: Mapping[str, str]) -> Driver:
    return LibvirtDriver(
        uri=settings["uri"], pool=settings["pool"], images=settings["images"], accel=settings.get("accel") or "kvm"
    )
