"""Base images: the *.qcow2 files of one directory of the host.

Beside `demo.qcow2` may lie `demo.toml`, which says what a file name cannot:

    name = "Demo Linux"
    login_hint = "User demo, password demo."
    min_ram_mib = 128
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import libvirt

from ...interface import Reason, Refused, RemoteImage
from . import storage
from .hypervisor import Hypervisor

GIB = 1 << 30
SUFFIX = ".qcow2"
SIDECAR_MAX_BYTES = 16384


class LibvirtImages:
    def __init__(self, hypervisor: Hypervisor, *, folder: str) -> None:
        self.hypervisor = hypervisor
        self.folder = folder

    def list(self) -> Iterable[RemoteImage]:
        return self.hypervisor.run(self._list)

    def path(self, connection: libvirt.virConnect, image_id: str, *, disk_gib: int) -> str:
        """Where the image is. Raises Refused where it is gone, or larger than the disk."""
        pool = storage.pool_of(connection, self.folder)
        storage.refresh(pool)
        image = storage.volume(pool, image_id)
        if image is None or not image_id.endswith(SUFFIX):
            raise Refused(f"no image {image_id}", reason=Reason.IMAGE_MISSING)
        if image.info()[1] > disk_gib * GIB:
            raise Refused(f"{image_id} needs a larger disk", reason=Reason.IMAGE_TOO_LARGE)
        return str(image.path())

    def _list(self, connection: libvirt.virConnect) -> Iterable[RemoteImage]:
        pool = storage.pool_of(connection, self.folder)
        storage.refresh(pool)
        volumes = {volume.name(): volume for volume in pool.listAllVolumes(0)}
        return [
            to_image(name, info=volume.info(), said=_sidecar(connection, volumes.get(_sidecar_name(name))))
            for name, volume in sorted(volumes.items())
            if name.endswith(SUFFIX)
        ]


def to_image(name: str, *, info: Iterable[int], said: Mapping[str, Any]) -> RemoteImage:
    """`info` is libvirt's (type, capacity, allocation) in bytes; `said` is what the file beside it says."""
    _, capacity, allocation = info
    return RemoteImage(
        id=name,
        name=str(said.get("name") or name.removesuffix(SUFFIX)),
        min_disk_gib=-(-capacity // GIB),
        min_ram_mib=_number(said.get("min_ram_mib")),
        size_bytes=allocation,
        login_hint=str(said.get("login_hint", "")),
    )


def _sidecar(connection: libvirt.virConnect, volume: libvirt.virStorageVol | None) -> Mapping[str, Any]:
    """What it says, or nothing: a file that cannot be read must not hide the image."""
    if volume is None:
        return {}
    try:
        return tomllib.loads(storage.tail(connection, volume, max_bytes=SIDECAR_MAX_BYTES).decode())
    except (libvirt.libvirtError, ValueError):
        return {}


def _sidecar_name(name: str) -> str:
    return f"{name.removesuffix(SUFFIX)}.toml"


def _number(said: object) -> int:
    return said if isinstance(said, int) and said > 0 else 0
