"""The two hosts of the fake cloud and what is given away of them."""

from __future__ import annotations

import sqlite3

from ...interface import LaunchSpec, RemoteHost
from .calls import Calls
from .mapping import ZONES

VCPUS, RAM_MIB, DISK_GIB = 32, 131072, 2048
"""Of each. More may be given away: a host is full only when it was told how large it is (outside/hosts.py)."""
USED = """
SELECT count(*) AS instances, coalesce(sum(vcpus), 0) AS vcpus, coalesce(sum(ram_mib), 0) AS ram_mib,
coalesce(sum(CASE WHEN volume_gib > 0 THEN 0 ELSE disk_gib END), 0) AS disk_gib FROM instances WHERE host = ?
"""


class FakeCapacity:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def hosts(self) -> tuple[RemoteHost, ...]:
        with self.calls.read("hosts") as db:
            return tuple(host(db, name) for name in ZONES)


def host(db: sqlite3.Connection, name: str) -> RemoteHost:
    used = db.execute(USED, (name,)).fetchone()
    told = _told(db, name)
    return RemoteHost(
        name=name,
        kind="fake",
        state=told["state"] if told else "up",
        zone=ZONES[name],
        instances=used["instances"],
        vcpus=told["vcpus"] if told else VCPUS,
        vcpus_used=used["vcpus"],
        ram_mib=told["ram_mib"] if told else RAM_MIB,
        ram_used_mib=used["ram_mib"],
        disk_gib=told["disk_gib"] if told else DISK_GIB,
        disk_used_gib=used["disk_gib"],
    )


def has_room(db: sqlite3.Connection, name: str, spec: LaunchSpec) -> bool:
    """Always, for one that was not told how large it is."""
    if _told(db, name) is None:
        return True
    one, disk_gib = host(db, name), 0 if spec.boot_volume_gib else spec.disk_gib
    return one.state == "up" and all(
        used + wanted <= there
        for there, used, wanted in (
            (one.vcpus, one.vcpus_used, spec.vcpus),
            (one.ram_mib, one.ram_used_mib, spec.ram_mib),
            (one.disk_gib, one.disk_used_gib, disk_gib),
        )
    )


def _told(db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute("SELECT * FROM hosts WHERE name = ?", (name,)).fetchone()
    return row
