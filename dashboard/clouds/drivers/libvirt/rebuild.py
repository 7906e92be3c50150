"""The disk anew from an image; UUID, name, cards and seed stay.

The new disk is made beside the old one, and the domain is defined with it and its image in one write: until then the
old one is whole, from then on it is nobody's.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import libvirt

from ...interface import Conflict, Status
from . import domains, marks, storage
from .domain_xml import disk_of, parse, reshaped
from .files import Files
from .images import LibvirtImages
from .launch import refuse_without_room
from .power import power_off, power_on
from .resize import INACTIVE, remove_other_disks

ALLOWED = (Status.ACTIVE, Status.SHUTOFF, Status.ERROR)


def rebuild(connection: libvirt.virConnect, remote_id: str, *, image_id: str, images: LibvirtImages, pool: str) -> None:
    """One that was off stays off."""
    domain = domains.at_rest(connection, remote_id)
    now, disks = domains.describe(domain, host=""), storage.pool_of(connection, pool)
    if now.status not in ALLOWED:
        raise Conflict(f"domain {remote_id} is {now.status}")
    if marks.read(domain).get("turn-on") != _rebuilt(image_id):
        image = images.path(connection, image_id, disk_gib=now.disk_gib)
        refuse_without_room(disks)
        if now.status is not Status.SHUTOFF:
            marks.set_attributes(domain, turn_on=_rebuilding(image_id))
        power_off(domain)
        _define(connection, domain, image_id=image_id, image=image, gib=now.disk_gib, pool=disks)
    if marks.read(domain).get("turn-on") == _rebuilt(image_id):
        power_on(domain)
        marks.set_attributes(domain, turn_on="")
    remove_other_disks(domain, disks)


def _define(
    connection: libvirt.virConnect,
    domain: libvirt.virDomain,
    *,
    image_id: str,
    image: str,
    gib: int,
    pool: libvirt.virStoragePool,
) -> None:
    xml, mark = domain.XMLDesc(INACTIVE), marks.read(domain)
    name = Files(uuid=domain.UUIDString()).disk_after(PurePosixPath(disk_of(parse(xml))).name)
    storage.remove(pool, name)  # of an earlier try
    disk = storage.make_disk(pool, name=name, gib=gib, backing=image)
    was_on = mark.get("turn-on") == _rebuilding(image_id)
    marks.put(mark, "image", image_id)
    marks.put(mark, "turn-on", _rebuilt(image_id) if was_on else "")
    connection.defineXML(reshaped(xml, disk=disk, mark=mark))


def _rebuilding(image_id: str) -> str:
    return f"rebuild {image_id}"


def _rebuilt(image_id: str) -> str:
    """Its new disk is there, and it is not yet turned on again."""
    return f"rebuilt {image_id}"
