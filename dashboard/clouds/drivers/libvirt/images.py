"""Base images: the *.qcow2 files of one directory of the host.

Beside `demo.qcow2` may lie `demo.toml`, which says what a file name cannot:

    name = "Demo Linux"
    login_hint = "User demo, password demo."
    min_ram_mib = 128

Snapshots that we made are named `snapshot-<uuid>.qcow2`. One is an image only when the file beside it says
`is_whole = true`, in its last line: that file is written when all was copied.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import libvirt

from ...interface import Reason, Refused, RemoteImage
from . import storage
from .domain_xml import legal
from .hypervisor import Hypervisor
from .mapping import domain_uuid

GIB = 1 << 30
SUFFIX = ".qcow2"
SIDECAR_MAX_BYTES = 16384
SNAPSHOT = re.compile(r"snapshot-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.qcow2")


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
        if image is None or not image_id.endswith(SUFFIX) or not self._is_listed(connection, pool, image_id):
            raise Refused(f"no image {image_id}", reason=Reason.IMAGE_MISSING)
        if image.info()[1] > disk_gib * GIB:
            raise Refused(f"{image_id} needs a larger disk", reason=Reason.IMAGE_TOO_LARGE)
        return str(image.path())

    # --- snapshots

    def is_there(self, connection: libvirt.virConnect, image_id: str) -> bool:
        """Its file, whole or not."""
        pool = storage.pool_of(connection, self.folder)
        storage.refresh(pool)
        return storage.volume(pool, image_id) is not None

    def is_whole(self, connection: libvirt.virConnect, image_id: str) -> bool:
        return self.is_there(connection, image_id) and bool(self._said(connection, image_id).get("is_whole"))

    def publish(self, connection: libvirt.virConnect, image_id: str, *, name: str, tenant_id: str, like: str) -> None:
        """From now on it is listed. What the image `like`, that the disk came from, says of itself holds for it too."""
        said = self._said(connection, like)
        content = sidecar(
            name=name,
            login_hint=str(said.get("login_hint", "")),
            min_ram_mib=_number(said.get("min_ram_mib")),
            tenant=tenant_id,
        )
        pool = storage.pool_of(connection, self.folder)
        storage.remove(pool, _sidecar_name(image_id))  # of an earlier try, of which it may be longer
        file = storage.make_file(pool, name=_sidecar_name(image_id), size_bytes=len(content))
        storage.upload(connection, file, content=content)

    def remove(self, connection: libvirt.virConnect, image_id: str) -> None:
        pool = storage.pool_of(connection, self.folder)
        storage.refresh(pool)
        for name in (_sidecar_name(image_id), image_id):
            storage.remove(pool, name)

    def _is_listed(self, connection: libvirt.virConnect, pool: libvirt.virStoragePool, name: str) -> bool:
        is_ours = SNAPSHOT.fullmatch(name) is not None
        return not is_ours or bool(_sidecar(connection, storage.volume(pool, _sidecar_name(name))).get("is_whole"))

    def _said(self, connection: libvirt.virConnect, image_id: str) -> Mapping[str, Any]:
        pool = storage.pool_of(connection, self.folder)
        return _sidecar(connection, storage.volume(pool, _sidecar_name(image_id)))

    def _list(self, connection: libvirt.virConnect) -> Iterable[RemoteImage]:
        pool = storage.pool_of(connection, self.folder)
        storage.refresh(pool)
        volumes = {volume.name(): volume for volume in pool.listAllVolumes(0)}
        images = {name: volume for name, volume in sorted(volumes.items()) if name.endswith(SUFFIX)}
        said = {name: _sidecar(connection, volumes.get(_sidecar_name(name))) for name in images}
        return [
            to_image(name, info=volume.info(), said=said[name])
            for name, volume in images.items()
            if said[name].get("is_whole") or not SNAPSHOT.fullmatch(name)
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
        is_public=not said.get("tenant"),
        is_snapshot=SNAPSHOT.fullmatch(name) is not None,
        tenant_id=str(said.get("tenant", "")),
    )


def snapshot_id(key: str) -> str:
    """The image's id for a key of ours: the same one for the same key, always."""
    return f"snapshot-{domain_uuid(key)}{SUFFIX}"


def sidecar(**said: str | int) -> bytes:
    """Any text, in TOML: a basic string is JSON's, but for DEL, and UTF-16's halves which TOML does not know."""
    lines = [f"{name} = {_toml(value)}" for name, value in said.items()]
    return ("\n".join([*lines, "is_whole = true"]) + "\n").encode()


def _toml(value: str | int) -> str:
    return json.dumps(legal(value) if isinstance(value, str) else value, ensure_ascii=False).replace("\x7f", "\\u007f")


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
