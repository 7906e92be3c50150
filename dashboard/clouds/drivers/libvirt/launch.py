"""Making an instance, in steps that each find their own earlier work: disk, log, seed, domain, power.

A process killed after any of them and asked again goes on from there, so that
there is one domain and one disk in the end, whatever happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import libvirt

from ...interface import Conflict, LaunchSpec, Reason, Refused, RemoteInstance
from . import domains, seed, storage
from .domain_xml import Hardware, build
from .files import Files
from .host import free_memory_mib
from .images import LibvirtImages
from .mapping import domain_name, domain_uuid, to_mark
from .networks import name_of
from .power import power_off, power_on

LEAST_FREE_DISK_MIB = 512
"""Disks grow as they are written to. One that cannot stops its guest in the middle of its work."""

NEVER_STARTED = (libvirt.VIR_DOMAIN_SHUTOFF_UNKNOWN, libvirt.VIR_DOMAIN_SHUTOFF_FAILED)
"""Reasons of a domain that is off without anybody having stopped it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How instances are made on one cloud. `kind` is the domain type."""

    pool: str
    images: LibvirtImages
    kind: str

    def create(self, connection: libvirt.virConnect, spec: LaunchSpec) -> RemoteInstance:
        """Raises Refused, after clearing away what was begun, where the host says no."""
        uuid = domain_uuid(spec.instance_id)
        domain = _made_before(connection, uuid)
        try:
            domain = domain or self._define(connection, spec, uuid=uuid)
            _start_if_never_started(domain)
        except Refused:
            self.remove(connection, uuid)
            raise
        return domains.describe(domain, host=connection.getHostname())

    def remove(self, connection: libvirt.virConnect, uuid: str) -> None:
        """The domain and its files, as far as they are there."""
        domain = domains.existing(connection, uuid)
        if domain is not None:
            _undefine(domain)
        pool = storage.pool_of(connection, self.pool)
        for name in storage.names(pool, beginning=uuid):
            storage.remove(pool, name)

    def _define(self, connection: libvirt.virConnect, spec: LaunchSpec, *, uuid: str) -> libvirt.virDomain:
        image = self.images.path(connection, spec.image_id, disk_gib=spec.disk_gib)
        refuse_without_memory(connection, mib=spec.ram_mib)
        networks = tuple(name_of(connection, choice) for choice in spec.networks)
        hardware = replace(self._make_files(connection, spec, uuid=uuid, image=image), networks=networks)
        return connection.defineXML(build(spec, hardware, created_at=datetime.now(UTC)))

    def _make_files(self, connection: libvirt.virConnect, spec: LaunchSpec, *, uuid: str, image: str) -> Hardware:
        pool = storage.pool_of(connection, self.pool)
        refuse_without_room(pool)
        files = Files(uuid=uuid)
        disk = storage.make_disk(pool, name=files.disk, gib=spec.disk_gib, backing=image)
        return Hardware(
            kind=self.kind,
            uuid=uuid,
            domain_name=domain_name(uuid),
            disk=disk,
            seed=self._make_seed(connection, pool, spec, files=files),
            # made as a volume, so that libvirt knows the file and can read and delete it for us
            console_log=storage.make_file(pool, name=files.console_log).path(),
        )

    def _make_seed(
        self, connection: libvirt.virConnect, pool: libvirt.virStoragePool, spec: LaunchSpec, *, files: Files
    ) -> str:
        """Written again where it is there, since it may be there by half; the bytes are the same."""
        if self.kind == "test":  # libvirt's test driver has no files
            return str(storage.make_file(pool, name=files.seed).path())
        content = seed.image(
            domain_uuid=files.uuid, name=spec.name, public_key=spec.public_key, user_data=spec.user_data
        )
        volume = storage.make_file(pool, name=files.seed, size_bytes=len(content))
        storage.upload(connection, volume, content=content)
        return str(volume.path())


def _made_before(connection: libvirt.virConnect, uuid: str) -> libvirt.virDomain | None:
    domain = domains.existing(connection, uuid)
    if domain is not None and to_mark(domain.XMLDesc(0)) is None:
        raise Conflict(f"domain {uuid} is there and does not carry our mark")
    return domain


def _start_if_never_started(domain: libvirt.virDomain) -> None:
    state, reason = domain.state()
    if state == libvirt.VIR_DOMAIN_SHUTOFF and reason in NEVER_STARTED:
        power_on(domain)


def _undefine(domain: libvirt.virDomain) -> None:
    try:
        power_off(domain)
        domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise


def refuse_without_memory(connection: libvirt.virConnect, *, mib: int) -> None:
    """Where the host cannot give a guest `mib` more, without swapping."""
    free_mib = free_memory_mib(connection)
    if free_mib is not None and free_mib < mib:
        why = f"{mib - free_mib} MiB of memory are missing: {mib} MiB are needed and {free_mib} MiB are free"
        raise Refused(why, reason=Reason.CAPACITY, source="libvirt")


def refuse_without_room(pool: libvirt.virStoragePool, *, needed_bytes: int = 0) -> None:
    """Where a directory has no room for `needed_bytes` and a little more."""
    free_mib, needed_mib = pool.info()[3] >> 20, LEAST_FREE_DISK_MIB + (needed_bytes >> 20)
    if free_mib < needed_mib:
        why = (
            f"{needed_mib - free_mib} MiB of disk are missing: {needed_mib} MiB are needed and {free_mib} MiB are free"
        )
        raise Refused(why, reason=Reason.CAPACITY, source="libvirt")
