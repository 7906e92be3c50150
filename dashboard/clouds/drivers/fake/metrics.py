"""What the fake cloud's instances use: pretended, and the same for everybody who asks at the same time.

Each number that grows is the integral of a rate that swings around its middle, by the day, by the hour and by five
minutes: it never falls, and a rate that is made of it is plausible.
"""

from __future__ import annotations

import math
import random
import sqlite3
import time
from collections.abc import Collection
from datetime import UTC, datetime

from ...interface import RemoteUsage, Status
from .calls import Calls

PERIODS_S = (86400.0, 3600.0, 300.0)
CPU = 0.55e9
"""Nanoseconds in a second, of each vCPU; the other rates are bytes in a second."""
DISK, NET = 3e6, 1.2e6


class FakeMetrics:
    """Of the whole cloud, places too. One that does not run is not told, as on a real one."""

    most = None

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def usages(self, remote_ids: Collection[str]) -> tuple[RemoteUsage, ...]:
        with self.calls.read("usages") as db:
            now = time.time()
            rows = db.execute(
                "SELECT id, vcpus, ram_mib, created_at FROM instances WHERE status = ? AND NOT is_partial",
                (Status.ACTIVE,),
            ).fetchall()
        return tuple(to_usage(row, now=now) for row in rows)


def to_usage(row: sqlite3.Row, *, now: float) -> RemoteUsage:
    age, chance = max(0.0, now - row["created_at"]), random.Random(row["id"])  # noqa: S311  only to look different
    grown = [middle * grow(age, chance) for middle in (CPU * row["vcpus"], DISK, DISK, NET, NET)]
    cpu_ns, read, written, received, sent = (int(amount) for amount in grown)
    return RemoteUsage(
        remote_id=row["id"],
        taken_at=datetime.fromtimestamp(now, tz=UTC),
        life=str(row["created_at"]),
        cpu_ns=cpu_ns,
        memory_used_mib=int(row["ram_mib"] * (0.25 + 0.6 * chance.random() * swing(age / 7200))),
        disk_read_bytes=read,
        disk_write_bytes=written,
        net_rx_bytes=received,
        net_tx_bytes=sent,
    )


def grow(age: float, chance: random.Random) -> float:
    """The integral from 0 to `age` of a rate between 0 and about 1."""
    level = chance.uniform(0.1, 0.9)
    shares = [chance.random() for _ in PERIODS_S]
    whole = sum(shares)
    return level * sum(
        share / whole * (age - period / math.tau * math.sin(math.tau * age / period))
        for share, period in zip(shares, PERIODS_S, strict=True)
    )


def swing(turns: float) -> float:
    """Between 0 and 1."""
    return 0.5 - 0.5 * math.cos(math.tau * turns)
