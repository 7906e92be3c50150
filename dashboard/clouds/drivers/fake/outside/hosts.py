"""Hosts that are told how large they are, and are full from then on when they are; and hosts that are turned off."""

from __future__ import annotations

from ..mapping import ZONES
from ..store import writing


def set_host(path: str, name: str, *, vcpus: int, ram_mib: int, disk_gib: int, state: str = "up") -> None:
    """One of the two, `fake-host` or `fake-host-2`. Where no host has room an instance ends in ERROR, as in Nova."""
    assert name in ZONES
    with writing(path) as db:
        db.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?, ?)", (name, vcpus, ram_mib, disk_gib, state))
