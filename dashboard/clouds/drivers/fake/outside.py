"""What happens to the fake cloud behind our back: its other users, its administrators, its accidents.

Each is seen by watchers, except `seed`, which makes a cloud that was large before anybody looked.
"""

from __future__ import annotations

import time
import uuid

from . import instances
from .settle import change
from .store import writing

NAMESPACE = uuid.UUID("4f0a4f9e-6d0c-4d5e-9b5e-0a9a3f6b7c11")


def seed(path: str, *, count: int, tenant_id: str = "", image_id: str = "demo") -> list[str]:
    """Make `count` active instances and return their ids, the same ones each time.

    With `tenant_id` they carry our mark, with the instance's id in it; without, they are strangers.
    """
    ids = [str(uuid.uuid5(NAMESPACE, f"{tenant_id}/{number}")) for number in range(count)]
    mark = (tenant_id or None,)
    rows = (
        (remote_id, f"seed-{number:05}", *mark, remote_id if tenant_id else None, image_id, time.time())
        for number, remote_id in enumerate(ids)
    )
    with writing(path) as db:
        db.executemany(
            "INSERT OR IGNORE INTO instances (id, name, tenant_id, instance_id, image_id, created_at,"
            " status, vcpus, ram_mib, disk_gib) VALUES (?, ?, ?, ?, ?, ?, 'ACTIVE', 1, 512, 1)",
            rows,
        )
    return ids


def set_status(path: str, remote_id: str, *, status: str, fault: str = "") -> None:
    """Any word, also one that nobody knows."""
    with writing(path) as db:
        change(db, remote_id, status=status, fault=fault, settles_at=None, task="")


def remove(path: str, remote_id: str) -> None:
    with writing(path) as db:
        instances.remove(db, remote_id)


def add_image(path: str, image_id: str, *, name: str, min_disk_gib: int = 1) -> None:
    with writing(path) as db:
        db.execute(
            "INSERT OR REPLACE INTO images (id, name, min_disk_gib, min_ram_mib, size_bytes, login_hint)"
            " VALUES (?, ?, ?, 0, 0, '')",
            (image_id, name, min_disk_gib),
        )


def remove_image(path: str, image_id: str) -> None:
    with writing(path) as db:
        db.execute("DELETE FROM images WHERE id = ?", (image_id,))


def count_marked(path: str, instance_id: str) -> int:
    """How many instances carry that id of ours; more than one is a launch done twice."""
    with writing(path) as db:
        return int(db.execute("SELECT count(*) FROM instances WHERE instance_id = ?", (instance_id,)).fetchone()[0])
