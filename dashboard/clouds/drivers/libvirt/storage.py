"""Directories of a libvirt host, as storage pools, and the files in them, as volumes.

Only through libvirt, so that it works for a host that is not this one, and for
files that belong to another user.
"""

from __future__ import annotations

import time
import uuid

import libvirt

from ...interface import Reason, Refused, Unavailable
from .domain_xml import parse, storage_pool, storage_volume
from .errors import is_gone

POOLS = uuid.UUID("5a5cc9a2-7b26-5f0c-8d0c-0f8d3f0e2c19")
"""The namespace of pool UUIDs: two processes that define the same directory's pool define the same pool."""


def pool_of(connection: libvirt.virConnect, path: str) -> libvirt.virStoragePool:
    """The running pool of the directory `path`, whoever made it; ours is made where there is none."""
    pool = _find_pool(connection, path) or _define_pool(connection, path)
    if not pool.isActive():
        _start(pool)
    return pool


def volume(pool: libvirt.virStoragePool, name: str) -> libvirt.virStorageVol | None:
    try:
        return pool.storageVolLookupByName(name)
    except libvirt.libvirtError as error:
        if is_gone(error):
            return None
        raise


def make_disk(pool: libvirt.virStoragePool, *, name: str, gib: int, backing: str) -> str:
    """The path of a qcow2 disk over the image `backing`, made where it is not there yet."""
    xml = storage_volume(name=name, capacity_bytes=gib << 30, kind="qcow2", backing=backing)
    return str(_make(pool, xml, name).path())


def make_file(pool: libvirt.virStoragePool, *, name: str, size_bytes: int = 0) -> libvirt.virStorageVol:
    return _make(pool, storage_volume(name=name, capacity_bytes=size_bytes, kind="raw"), name)


def upload(connection: libvirt.virConnect, to: libvirt.virStorageVol, *, content: bytes) -> None:
    """Raises Unavailable while somebody else writes the same file: whoever asks again finds it written."""
    stream = connection.newStream(0)
    _open(to, stream, size=len(content))
    for start in range(0, len(content), 65536):
        stream.send(content[start : start + 65536])
    stream.finish()


def _open(to: libvirt.virStorageVol, stream: libvirt.virStream, *, size: int) -> None:
    for is_last in (*[False] * 50, True):
        try:
            to.upload(stream, 0, size, 0)
            return
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_OPERATION_INVALID:
                raise
            if is_last:
                raise Unavailable(str(error)) from error
            time.sleep(0.1)


def tail(connection: libvirt.virConnect, of: libvirt.virStorageVol, *, max_bytes: int) -> bytes:
    """The last `max_bytes` of a file."""
    size = of.info()[1]
    stream = connection.newStream(0)
    of.download(stream, max(0, size - max_bytes), max_bytes, 0)
    chunks: list[bytes] = []
    stream.recvAll(lambda stream, data, opaque: chunks.append(data), None)
    stream.finish()
    return b"".join(chunks)


def names(pool: libvirt.virStoragePool, *, beginning: str) -> list[str]:
    """Of the files that libvirt knows there."""
    return sorted(name for name in pool.listVolumes() if name.startswith(beginning))


def remove(pool: libvirt.virStoragePool, name: str) -> None:
    try:
        pool.storageVolLookupByName(name).delete(0)
    except libvirt.libvirtError as error:
        if not is_gone(error):
            raise


def copy(pool: libvirt.virStoragePool, *, name: str, source: libvirt.virStorageVol) -> None:
    """`source` with all that it lies over, as one file of its own. Takes as long as there is to copy.

    libvirtd does it, also when nobody waits for it any more; what it cannot finish it removes.
    """
    xml = storage_volume(name=name, capacity_bytes=source.info()[1], kind="qcow2")
    pool.createXMLFrom(xml, source, 0)


def is_being_written(connection: libvirt.virConnect, of: libvirt.virStorageVol) -> bool:
    """Whether libvirtd is making the file just now. There is no question for it; a download would be refused."""
    stream = connection.newStream(0)
    try:
        of.download(stream, 0, 1, 0)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_OPERATION_INVALID:
            raise
        return True
    stream.abort()
    return False


def refresh(pool: libvirt.virStoragePool) -> None:
    """See what was put there by other hands. Not possible while a volume is being made; then it is skipped."""
    try:
        pool.refresh(0)
    except libvirt.libvirtError as error:
        if "asynchronous jobs" not in str(error):
            raise


def _make(pool: libvirt.virStoragePool, xml: str, name: str) -> libvirt.virStorageVol:
    """ "Already there" shows as another error in each driver, so we look before and after."""
    found = volume(pool, name)
    if found is not None:
        return found
    try:
        return pool.createXML(xml, 0)
    except libvirt.libvirtError:
        found = volume(pool, name)
        if found is None:
            raise
        return found


def _find_pool(connection: libvirt.virConnect, path: str) -> libvirt.virStoragePool | None:
    for pool in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_DIR):
        if parse(pool.XMLDesc(0)).findtext("target/path") == path:
            return pool
    return None


def _define_pool(connection: libvirt.virConnect, path: str) -> libvirt.virStoragePool:
    pool_uuid = str(uuid.uuid5(POOLS, path))
    xml = storage_pool(name=f"skydeck-{pool_uuid[:8]}", uuid=pool_uuid, path=path)
    pool = connection.storagePoolDefineXML(xml, 0)
    pool.setAutostart(1)
    return pool


def _start(pool: libvirt.virStoragePool) -> None:
    """Raises Refused where the directory is not there; that another process was faster is no error."""
    try:
        pool.create(0)
    except libvirt.libvirtError as error:
        if not pool.isActive():
            raise Refused(str(error), reason=Reason.OTHER) from error
