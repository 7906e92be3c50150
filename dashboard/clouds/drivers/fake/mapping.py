"""The fake cloud's rows in our words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...interface import Mark, RemoteAction, RemoteFlavor, RemoteImage, RemoteInstance, RemoteServerGroup, Status

ZONES = {"fake-host": "one", "fake-host-2": "two"}
"""The zone of each host."""

Row = sqlite3.Row | Mapping[str, Any]


def to_status(word: str) -> Status:
    """The fake cloud speaks our words; any other word, as another hand may write one, is UNKNOWN."""
    return Status(word) if word in Status.__members__ else Status.UNKNOWN


def to_mark(row: Row) -> Mark | None:
    if row["instance_id"] is None:
        return None
    return Mark(tenant_id=row["tenant_id"], instance_id=row["instance_id"], operation_id=row["operation_id"])


def to_instance(row: Row) -> RemoteInstance:
    """Of a row of `servers`."""
    if row["is_partial"]:
        return RemoteInstance(
            id=row["id"], name=row["name"], status=Status.UNKNOWN, vcpus=0, ram_mib=0, disk_gib=0, is_partial=True
        )
    return RemoteInstance(
        id=row["id"],
        name=row["name"],
        status=to_status(row["status"]),
        vcpus=row["vcpus"],
        ram_mib=row["ram_mib"],
        disk_gib=row["disk_gib"],
        mark=to_mark(row),
        addresses=tuple((row["port_addresses"] or row["address"]).split()),
        host=row["host"],
        image_id=row["image_id"],
        flavor_id=row["flavor_id"],
        created_at=datetime.fromtimestamp(row["created_at"], tz=UTC),
        fault=row["fault"],
        task=row["task"],
        is_locked=bool(row["is_locked"]),
        description=row["description"],
        zone=ZONES.get(row["host"], ""),
        tags=tuple(json.loads(row["tags"])),
        metadata=json.loads(row["metadata"]),
        volume_ids=tuple(json.loads(row["volume_ids"])),
    )


def to_image(row: Row) -> RemoteImage:
    return RemoteImage(
        id=row["id"],
        name=row["name"],
        min_disk_gib=row["min_disk_gib"],
        min_ram_mib=row["min_ram_mib"],
        size_bytes=row["size_bytes"],
        login_hint=row["login_hint"],
        is_public=row["snapshot_key"] is None,
        is_snapshot=row["snapshot_key"] is not None,
        tenant_id=row["tenant_id"],
        is_windows=None if row["is_windows"] is None else bool(row["is_windows"]),
    )


def to_flavor(row: Row) -> RemoteFlavor:
    return RemoteFlavor(
        id=row["id"],
        name=row["name"],
        vcpus=row["vcpus"],
        ram_mib=row["ram_mib"],
        disk_gib=row["disk_gib"],
        extra_specs=json.loads(row["extra_specs"]),
    )


def to_action(row: Row) -> RemoteAction:
    return RemoteAction(
        id=row["id"],
        name=row["name"],
        started_at=datetime.fromtimestamp(row["started_at"], tz=UTC),
        by=row["credential"],
        message=row["message"],
    )


def to_server_group(row: Row) -> RemoteServerGroup:
    return RemoteServerGroup(id=row["id"], name=row["name"], policy=row["policy"])
