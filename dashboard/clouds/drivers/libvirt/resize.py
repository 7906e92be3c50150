"""Another size, kept or taken back: steps that each find their own earlier work.

    note that it ran → turn it off → a disk over the old one, where it is to be larger → define → turn it on → forget

The domain is defined with its new size, its new disk and, in our mark, its old ones in one write. So it has one size
or the other, whatever happened, and the old disk lies unchanged below the new one for as long as there is a way back.
Where the disk does not grow there is one disk: what was written since stays also on the way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

import libvirt

from ...interface import Conflict, Reason, Refused, Status
from . import domains, marks, storage
from .domain_xml import EARLIER_TAG, disk_of, parse, reshaped
from .errors import to_error
from .files import Files
from .launch import refuse_without_memory, refuse_without_room
from .power import power_on, turn_off

INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
REVERT = "revert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    flavor_id: str
    vcpus: int
    ram_mib: int
    disk_gib: int

    @property
    def numbers(self) -> tuple[int, int, int]:
        return self.vcpus, self.ram_mib, self.disk_gib

    @property
    def intent(self) -> str:
        return "resize " + " ".join(map(str, self.numbers))


def resize(connection: libvirt.virConnect, remote_id: str, size: Size, *, pool: str) -> None:
    domain = domains.own(connection, remote_id)
    now = domains.describe(domain, host="")
    have = (now.vcpus, now.ram_mib, now.disk_gib)
    if have == size.numbers:
        _turn_on_again(domain, intent=size.intent)
        marks.set_attributes(domain, flavor=size.flavor_id)
        return
    if now.status not in (Status.ACTIVE, Status.SHUTOFF) or now.task:
        raise Conflict(f"domain {remote_id} is {now.status}, {now.task or 'at rest'}")
    disks = storage.pool_of(connection, pool)
    _refuse_what_does_not_fit(connection, size, now_mib=now.ram_mib * domain.isActive(), pool=disks)
    if size.disk_gib < now.disk_gib:
        raise Refused(f"a disk of {now.disk_gib} GiB cannot shrink to {size.disk_gib}", reason=Reason.INVALID)
    note_running(domain, intent=size.intent)
    turn_off(domain)
    _define(connection, domain, size, pool=disks)
    try:
        _turn_on_again(domain, intent=size.intent)
    except libvirt.libvirtError as error:
        if isinstance(to_error(error), Refused):
            marks.set_attributes(domain, turn_on=REVERT)
            revert(connection, remote_id, pool=pool)
        raise


def confirm(connection: libvirt.virConnect, remote_id: str) -> None:
    """The old disk stays below the new one."""
    domain = domains.own(connection, remote_id)
    if not _is_open(domain):
        return
    marks.set_child(domain, EARLIER_TAG, None)


def revert(connection: libvirt.virConnect, remote_id: str, *, pool: str) -> None:
    domain = domains.own(connection, remote_id)
    if _is_open(domain):
        note_running(domain, intent=REVERT)
        turn_off(domain)
        _define_earlier(connection, domain)
    _turn_on_again(domain, intent=REVERT)
    _remove_later_disk(domain, storage.pool_of(connection, pool))


def note_running(domain: libvirt.virDomain, *, intent: str) -> None:
    """So that whoever goes on with the same after us turns it on again."""
    if domain.isActive():
        marks.set_attributes(domain, turn_on=intent)


def _turn_on_again(domain: libvirt.virDomain, *, intent: str) -> None:
    if marks.read(domain).get("turn-on") == intent:
        power_on(domain)
        marks.set_attributes(domain, turn_on="")


def _is_open(domain: libvirt.virDomain) -> bool:
    """Raises Conflict where a resize cannot have been."""
    found = domains.describe(domain, host="")
    is_open = marks.read(domain).find(EARLIER_TAG) is not None
    if found.task or (not is_open and found.status not in (Status.ACTIVE, Status.SHUTOFF)):
        raise Conflict(f"domain {found.id} is {found.status}, {found.task or 'and not resized'}")
    return is_open


def _refuse_what_does_not_fit(
    connection: libvirt.virConnect, size: Size, *, now_mib: int, pool: libvirt.virStoragePool
) -> None:
    """`now_mib` is what it gives back when it is turned off."""
    refuse_without_memory(connection, mib=size.ram_mib - now_mib)
    refuse_without_room(pool)
    most = connection.getMaxVcpus(None)
    if size.vcpus > most:
        why = f"{size.vcpus - most} vCPUs are missing: the host gives a guest at most {most}"
        raise Refused(why, reason=Reason.CAPACITY, source="libvirt")


def _define(
    connection: libvirt.virConnect, domain: libvirt.virDomain, size: Size, *, pool: libvirt.virStoragePool
) -> None:
    xml, mark = domain.XMLDesc(INACTIVE), marks.read(domain)
    now = domains.describe(domain, host="")
    disk = disk_of(parse(xml))
    earlier = {"vcpus": now.vcpus, "ram-mib": now.ram_mib, "disk-gib": now.disk_gib}
    told = {name: str(value) for name, value in earlier.items()} | {"flavor": mark.get("flavor", ""), "disk": disk}
    if size.disk_gib > now.disk_gib:
        disk = larger_disk(pool, domain, over=disk, gib=size.disk_gib)
    marks.child(mark, EARLIER_TAG, told)
    marks.put(mark, "flavor", size.flavor_id)
    marks.put(mark, "disk-gib", str(size.disk_gib))
    connection.defineXML(reshaped(xml, disk=disk, mark=mark, vcpus=size.vcpus, ram_mib=size.ram_mib))


def larger_disk(pool: libvirt.virStoragePool, domain: libvirt.virDomain, *, over: str, gib: int) -> str:
    """A new file over that one. What an earlier try left under its name is no disk of the domain yet."""
    name = Files(uuid=domain.UUIDString()).disk_after(PurePosixPath(over).name)
    storage.remove(pool, name)
    return storage.make_disk(pool, name=name, gib=gib, backing=over)


def _define_earlier(connection: libvirt.virConnect, domain: libvirt.virDomain) -> None:
    mark = marks.read(domain)
    earlier = mark.find(EARLIER_TAG)
    told = earlier.attrib if earlier is not None else {}
    marks.child(mark, EARLIER_TAG, None)
    marks.put(mark, "flavor", told["flavor"])
    marks.put(mark, "disk-gib", told["disk-gib"])
    size = {"vcpus": int(told["vcpus"]), "ram_mib": int(told["ram-mib"])}
    connection.defineXML(reshaped(domain.XMLDesc(INACTIVE), disk=told["disk"], mark=mark, **size))


def _remove_later_disk(domain: libvirt.virDomain, pool: libvirt.virStoragePool) -> None:
    disk = disk_of(parse(domain.XMLDesc(INACTIVE)))
    storage.remove(pool, Files(uuid=domain.UUIDString()).disk_after(PurePosixPath(disk).name))


def remove_other_disks(domain: libvirt.virDomain, pool: libvirt.virStoragePool) -> None:
    """All but the one that it has, which must not lie over any of them."""
    files = Files(uuid=domain.UUIDString())
    kept = PurePosixPath(disk_of(parse(domain.XMLDesc(INACTIVE)))).name
    for name in storage.names(pool, beginning=files.uuid):
        if files.is_disk(name) and name != kept:
            storage.remove(pool, name)
