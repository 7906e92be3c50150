"""Instances that others make, change and remove."""

from __future__ import annotations

import sqlite3
import time
import uuid
from typing import Any

from .. import addresses, instances
from ..settle import change, note_change
from ..store import writing

NAMESPACE = uuid.UUID("4f0a4f9e-6d0c-4d5e-9b5e-0a9a3f6b7c11")
SHARED = "shared"
"""The network that seeded instances of a place are on."""
INSERT = (
    "INSERT OR IGNORE INTO instances (id, name, tenant_id, instance_id, image_id, created_at, place_id, flavor_id,"
    " status, vcpus, ram_mib, disk_gib) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'ACTIVE', 1, 512, 1)"
)
INSERT_PORTS = (
    "INSERT OR IGNORE INTO ports (id, place_id, network_id, subnet_id, address, number, mac, device_id, owner)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'compute:one')"
)


def seed(path: str, *, count: int, tenant_id: str = "", image_id: str = "demo", place_id: str = "") -> list[str]:
    """Make `count` active instances and return their ids, the same ones each time; in a place each with a port.

    With `tenant_id` they carry our mark, with the instance's id in it; without, they are strangers.
    """
    whose = f"{place_id}/{tenant_id}" if place_id else tenant_id
    ids = [str(uuid.uuid5(NAMESPACE, f"{whose}/{number}")) for number in range(count)]
    where = (image_id, time.time(), place_id, "m1.tiny" if place_id else "")
    rows = [
        (remote_id, f"seed-{number:05}", tenant_id or None, remote_id if tenant_id else None, *where)
        for number, remote_id in enumerate(ids)
    ]
    with writing(path) as db:
        db.executemany(INSERT, rows)
        if place_id:
            _plug_seeds(db, ids, place_id=place_id)
    return ids


def _plug_seeds(db: sqlite3.Connection, ids: list[str], *, place_id: str) -> None:
    subnet = addresses.first_subnet(db, SHARED)
    plugged = {row["device_id"] for row in db.execute("SELECT device_id FROM ports WHERE place_id = ?", (place_id,))}
    first = db.execute("SELECT coalesce(max(number), 1) + 1 FROM ports WHERE subnet_id = ?", (subnet["id"],)).fetchone()
    new = [remote_id for remote_id in ids if remote_id not in plugged]
    rows = (
        (str(uuid.uuid5(NAMESPACE, remote_id)), place_id, SHARED, subnet["id"], addresses.text_of(subnet, number),
         number, f"fa:16:3e:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}", remote_id)
        for number, remote_id in enumerate(new, start=first[0])
    )  # fmt: skip
    db.executemany(INSERT_PORTS, rows)


def make_instance(path: str, *, place_id: str = "", name: str = "by-hand", image_id: str = "demo") -> str:
    """One that runs, made by somebody with the cloud's own client; in a place with a port. Returns its id."""
    remote_id = str(uuid.uuid4())
    with writing(path) as db:
        db.execute(INSERT, (remote_id, name, None, None, image_id, time.time(), place_id, "m1.tiny"))
        db.execute(
            "INSERT INTO actions (id, remote_id, place_id, name, started_at, credential)"
            " VALUES (?, ?, ?, 'create', ?, 'somebody')",
            (f"req-{uuid.uuid4()}", remote_id, place_id, time.time()),
        )
        if place_id:
            subnet = addresses.first_subnet(db, SHARED)
            addresses.add_port(db, place_id=place_id, subnet=subnet, owner="compute:one", device_id=remote_id)
        note_change(db, remote_id)
    return remote_id


def change_instance(path: str, remote_id: str, **columns: Any) -> None:
    """Any columns of its row: `name`, `vcpus`, `ram_mib`, `flavor_id`, `host`, `is_locked`, `task`, ..."""
    with writing(path) as db:
        change(db, remote_id, **columns)


def set_status(path: str, remote_id: str, *, status: str, fault: str = "") -> None:
    """Any word, also one that nobody knows."""
    change_instance(path, remote_id, status=status, fault=fault, settles_at=None, task="")


def set_partial(path: str, remote_id: str, *, is_partial: bool = True) -> None:
    """The part of the cloud that it is in is down: it tells no more than its id and name."""
    change_instance(path, remote_id, is_partial=is_partial)


def give_password(path: str, remote_id: str, *, data: str) -> None:
    """What its guest encrypted with its public key, in base64."""
    change_instance(path, remote_id, password_data=data)


def user_data_of(path: str, remote_id: str) -> str:
    """What the guest's cloud-init was given."""
    with writing(path) as db:
        return str(db.execute("SELECT user_data FROM instances WHERE id = ?", (remote_id,)).fetchone()[0])


def remove(path: str, remote_id: str) -> None:
    with writing(path) as db:
        instances.remove(db, remote_id)


def count_marked(path: str, instance_id: str) -> int:
    """How many instances carry that id of ours; more than one is a launch done twice."""
    with writing(path) as db:
        return int(db.execute("SELECT count(*) FROM instances WHERE instance_id = ?", (instance_id,)).fetchone()[0])
