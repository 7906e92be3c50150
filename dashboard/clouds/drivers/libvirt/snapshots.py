"""Images made of instances' disks: asked for here, copied by QEMU or by libvirtd, listed when they are whole.

    note in our mark → copy → the file beside the image, which says that it is whole → the note goes

A guest that runs goes on meanwhile: a backup job of QEMU's copies its disk as it was in one moment, as after a power
cut. One that is off, or suspended, is copied by libvirtd. Both go on when Skydeck's process is killed. Whoever looks
next, with `carry_on`, ends what is done, leaves alone what is under way, and begins again what nobody saw the end of.
"""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from enum import Enum, auto

import libvirt

from ...interface import CloudError, Conflict, Reason, Refused, Status, Unavailable
from . import domains, marks, storage
from .domain_xml import SNAPSHOT_TAG, backup, disk_of, parse
from .errors import to_error
from .hypervisor import Hypervisor
from .images import LibvirtImages, snapshot_id
from .launch import refuse_without_room

ALLOWED = (Status.ACTIVE, Status.SHUTOFF, Status.PAUSED, Status.SUSPENDED)
MOST_TRIES = 3
BACKUP = libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP
COMPLETED = libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED
KEEP = COMPLETED | libvirt.VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED

_copies: set[tuple[str, str]] = set()
"""(URI, image) of what libvirtd copies for this process just now."""
_copies_lock = threading.Lock()


class Copy(Enum):
    NONE = auto()
    RUNNING = auto()
    DONE = auto()
    FAILED = auto()


class Snapshots:
    def __init__(self, hypervisor: Hypervisor, *, pool: str, images: LibvirtImages) -> None:
        self.hypervisor = hypervisor
        self.pool = pool
        self.images = images

    def take(self, connection: libvirt.virConnect, remote_id: str, *, name: str, key: str) -> str:
        """The image's id. Raises Conflict while another one is made of the same disk."""
        domain, image_id = domains.own(connection, remote_id), snapshot_id(key)
        if self.images.is_whole(connection, image_id):
            return image_id
        noted = marks.read(domain).find(SNAPSHOT_TAG)
        if noted is None:
            self._refuse(connection, domain)
            marks.set_child(domain, SNAPSHOT_TAG, {"image": image_id, "name": name, "tries": "0"})
        elif noted.get("image") != image_id:
            raise Conflict(f"domain {remote_id} is busy: another snapshot of it is made")
        self.carry_on(connection, remote_id)
        return image_id

    def carry_on(self, connection: libvirt.virConnect, remote_id: str) -> None:
        """Raises, once, what went wrong with it."""
        domain = domains.marked(connection, remote_id)
        noted = marks.read(domain).find(SNAPSHOT_TAG)
        if noted is None:
            return
        image_id = noted.get("image", "")
        if self.images.is_whole(connection, image_id):
            self._forget(domain)
            return
        state, detail = self._look(connection, domain, noted)
        if state is Copy.DONE:
            self._publish(connection, domain, noted)
        elif state is Copy.FAILED or (state is Copy.NONE and int(noted.get("tries", "0")) >= MOST_TRIES):
            self._forget(domain)
            self.images.remove(connection, image_id)
            raise Refused(detail or "the copy was broken off again and again", reason=_reason(detail), source="libvirt")
        elif state is Copy.NONE:
            self._begin(connection, domain, noted)

    def give_up(self, connection: libvirt.virConnect, domain: libvirt.virDomain) -> None:
        """Before its end. Raises Unavailable while libvirtd copies its disk, which cannot be broken off."""
        noted = marks.read(domain).find(SNAPSHOT_TAG)
        if noted is None:
            return
        image_id = noted.get("image", "")
        if not domain.isActive() and self._is_copied(connection, image_id):
            raise Unavailable("a snapshot of its disk is being copied", retry_after_s=5, source="libvirt")
        if domain.isActive():
            domain.destroy()  # which ends the job
        if not self.images.is_whole(connection, image_id):
            self.images.remove(connection, image_id)
        self._forget(domain)

    # --- what is there

    def _refuse(self, connection: libvirt.virConnect, domain: libvirt.virDomain) -> None:
        found = domains.describe(domain, host="")
        if found.status not in ALLOWED or found.task:
            raise Conflict(f"domain {found.id} is {found.status}, {found.task or 'at rest'}")
        size = self._disk(connection, domain).info()[2]
        refuse_without_room(storage.pool_of(connection, self.images.folder), needed_bytes=size)

    def _look(self, connection: libvirt.virConnect, domain: libvirt.virDomain, noted: ET.Element) -> tuple[Copy, str]:
        """How far it is, and the error where there was one."""
        image_id = noted.get("image", "")
        if noted.get("failure"):
            return Copy.FAILED, noted.get("failure", "")
        if self._is_copied(connection, image_id):
            return Copy.RUNNING, ""
        if not domain.isActive():
            return Copy.NONE, ""
        if domain.jobStats(0).get("type"):
            return Copy.RUNNING, ""
        said = domain.jobStats(KEEP)
        if said.get("operation") != BACKUP:
            return Copy.NONE, ""
        if not said.get("success"):
            return Copy.FAILED, str(said.get("errmsg") or "the copy of the disk was broken off")
        return (Copy.DONE if self.images.is_there(connection, image_id) else Copy.NONE), ""

    def _is_copied(self, connection: libvirt.virConnect, image_id: str) -> bool:
        """By libvirtd, for us or for a process that is gone."""
        if (self.hypervisor.uri, image_id) in _copies:
            return True
        found = storage.volume(storage.pool_of(connection, self.images.folder), image_id)
        return found is not None and storage.is_being_written(connection, found)

    def _disk(self, connection: libvirt.virConnect, domain: libvirt.virDomain) -> libvirt.virStorageVol:
        path = disk_of(parse(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)))
        return connection.storageVolLookupByPath(path)

    # --- copying

    def _begin(self, connection: libvirt.virConnect, domain: libvirt.virDomain, noted: ET.Element) -> None:
        """What an earlier try left is no image."""
        image_id = noted.get("image", "")
        marks.set_child(domain, SNAPSHOT_TAG, {**noted.attrib, "tries": str(int(noted.get("tries", "0")) + 1)})
        self.images.remove(connection, image_id)
        if domain.isActive():
            domain.jobStats(COMPLETED)  # what an earlier job left is read for the last time
            to = f"{self.images.folder.rstrip('/')}/{image_id}"
            domain.backupBegin(backup(parse(domain.XMLDesc(0)), to=to), None, 0)
        else:
            self._copy_aside(domain.UUIDString(), image_id)

    def _copy_aside(self, remote_id: str, image_id: str) -> None:
        """In a thread of its own: it takes as long as there is to copy."""
        with _copies_lock:
            if (self.hypervisor.uri, image_id) in _copies:
                return
            _copies.add((self.hypervisor.uri, image_id))
        work = threading.Thread(target=self._copy, args=(remote_id, image_id), name="libvirt-copy", daemon=True)
        work.start()

    def _copy(self, remote_id: str, image_id: str) -> None:
        try:
            self.hypervisor.aside(lambda connection: self._copy_and_publish(connection, remote_id, image_id))
        except CloudError:
            return  # it stands in the mark, or the host is away: then whoever carries on begins again
        finally:
            with _copies_lock:
                _copies.discard((self.hypervisor.uri, image_id))

    def _copy_and_publish(self, connection: libvirt.virConnect, remote_id: str, image_id: str) -> None:
        domain = domains.marked(connection, remote_id)
        images = storage.pool_of(connection, self.images.folder)
        try:
            storage.copy(images, name=image_id, source=self._disk(connection, domain))
        except libvirt.libvirtError as error:
            noted = marks.read(domain).find(SNAPSHOT_TAG)
            if noted is not None and isinstance(to_error(error), Refused):
                marks.set_child(domain, SNAPSHOT_TAG, {**noted.attrib, "failure": str(error)})
            raise
        noted = marks.read(domain).find(SNAPSHOT_TAG)
        if noted is not None:
            self._publish(connection, domain, noted)

    def _publish(self, connection: libvirt.virConnect, domain: libvirt.virDomain, noted: ET.Element) -> None:
        mark = marks.read(domain)
        self.images.publish(
            connection,
            noted.get("image", ""),
            name=noted.get("name", ""),
            tenant_id=mark.get("tenant", ""),
            like=mark.get("image", ""),
        )
        self._forget(domain)

    def _forget(self, domain: libvirt.virDomain) -> None:
        marks.set_child(domain, SNAPSHOT_TAG, None)


def _reason(detail: str) -> Reason:
    full = "No space left" in detail or "Not enough free space" in detail
    return Reason.CAPACITY if full else Reason.OTHER
