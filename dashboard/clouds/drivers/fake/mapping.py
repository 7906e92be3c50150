"""The fake cloud's rows in our words."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from ...interface import Mark, RemoteImage, RemoteInstance, Status


def to_status(word: str) -> Status:
    """The fake cloud speaks our words; any other word, as another hand may write one, is UNKNOWN."""
    return Status(word) if word in Status.__members__ else Status.UNKNOWN


def to_mark(row: sqlite3.Row) -> Mark | None:
    if row["instance_id"] is None:
        return None
    return Mark(tenant_id=row["tenant_id"], instance_id=row["instance_id"], operation_id=row["operation_id"])


def to_instance(row: sqlite3.Row) -> RemoteInstance:
    return RemoteInstance(
        id=row["id"],
        name=row["name"],
        status=to_status(row["status"]),
        vcpus=row["vcpus"],
        ram_mib=row["ram_mib"],
        disk_gib=row["disk_gib"],
        mark=to_mark(row),
        addresses=(row["address"],) if row["address"] else (),
        host="fake-host",
        image_id=row["image_id"],
        flavor_id=row["flavor_id"],
        created_at=datetime.fromtimestamp(row["created_at"], tz=UTC),
        fault=row["fault"],
    )


def to_image(row: sqlite3.Row) -> RemoteImage:
    return RemoteImage(**dict(row))
