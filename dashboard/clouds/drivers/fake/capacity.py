"""The two hosts of the fake cloud and what is given away of them."""

from __future__ import annotations

import sqlite3

from ...interface import RemoteHost
from .calls import Calls
from .mapping import ZONES

VCPUS, RAM_MIB, DISK_GIB = 32, 131072, 2048
"""Of each. More may be given away: the fake cloud never says that it is full unless it is told to."""
USED = """
SELECT count(*) AS instances, coalesce(sum(vcpus), 0) AS vcpus, coalesce(sum(ram_mib), 0) AS ram_mib,
coalesce(sum(disk_gib), 0) AS disk_gib FROM instances WHERE host = ?
"""


class FakeCapacity:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def hosts(self) -> tuple[RemoteHost, ...]:
        with self.calls.read("hosts") as db:
            return tuple(_host(db.execute(USED, (name,)).fetchone(), name=name) for name in ZONES)


def _host(used: sqlite3.Row, *, name: str) -> RemoteHost:
    return RemoteHost(
        name=name,
        kind="fake",
        state="up",
        zone=ZONES[name],
        instances=used["instances"],
        vcpus=VCPUS,
        vcpus_used=used["vcpus"],
        ram_mib=RAM_MIB,
        ram_used_mib=used["ram_mib"],
        disk_gib=DISK_GIB,
        disk_used_gib=used["disk_gib"],
    )
