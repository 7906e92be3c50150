"""Zones, hosts and server groups of the fake cloud: where on it an instance goes."""

from __future__ import annotations

import sqlite3
import uuid

from ...interface import LaunchSpec, Reason, Refused, RemoteServerGroup
from . import quotas
from .calls import Calls
from .capacity import has_room
from .mapping import ZONES, to_server_group

POLICIES = ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")
NO_HOST = "No valid host was found. There are not enough hosts available."


class FakePlacing:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def zones(self) -> tuple[str, ...]:
        with self.calls.read("zones"):
            return tuple(sorted(set(ZONES.values())))

    def groups(self) -> tuple[RemoteServerGroup, ...]:
        with self.calls.read("groups") as db:
            rows = db.execute("SELECT * FROM server_groups WHERE place_id = ? ORDER BY name", (self.calls.place_id,))
            return tuple(to_server_group(row) for row in rows)

    def create_group(self, *, name: str, policy: str) -> RemoteServerGroup:
        with self.calls.write("create_group", about=name) as db:
            if policy not in POLICIES:
                raise Refused(f"{policy} is no policy", reason=Reason.INVALID, source="fake", http_status=400)
            values = (self.calls.place_id, name, policy)
            find = "SELECT * FROM server_groups WHERE place_id = ? AND name = ? AND policy = ?"
            if not db.execute(find, values).fetchone():
                quotas.check(db, calls=self.calls, server_groups=1)
                db.execute("INSERT INTO server_groups VALUES (?, ?, ?, ?)", (str(uuid.uuid4()), *values))
            return to_server_group(db.execute(find, values).fetchone())

    def delete_group(self, group_id: str) -> None:
        """Its instances stay where they are, as Nova's do."""
        with self.calls.write("delete_group", about=group_id) as db:
            db.execute("DELETE FROM server_groups WHERE id = ? AND place_id = ?", (group_id, self.calls.place_id))


def choose_host(db: sqlite3.Connection, spec: LaunchSpec, *, calls: Calls) -> str:
    """Empty where no host is left. Raises Refused for a zone or a group that is not there."""
    zone = spec.zone
    if zone and zone not in ZONES.values():
        why = f"The requested availability zone '{zone}' is not available"
        raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)
    hosts = [host for host, its_zone in ZONES.items() if zone in ("", its_zone) and has_room(db, host, spec)]
    if spec.server_group_id:
        hosts = _allowed(db, hosts, calls=calls, server_group_id=spec.server_group_id)
    return hosts[0] if hosts else ""


def _allowed(db: sqlite3.Connection, hosts: list[str], *, calls: Calls, server_group_id: str) -> list[str]:
    group = db.execute(
        "SELECT * FROM server_groups WHERE id = ? AND place_id = ?", (server_group_id, calls.place_id)
    ).fetchone()
    if group is None:
        why = f"Instance group {server_group_id} could not be found."
        raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)
    rows = db.execute("SELECT DISTINCT host FROM instances WHERE server_group_id = ?", (server_group_id,))
    taken = {row["host"] for row in rows}
    if group["policy"].endswith("anti-affinity"):
        fitting = [host for host in hosts if host not in taken]
    else:
        fitting = [host for host in hosts if host in taken or not taken]
    return fitting or (hosts if group["policy"].startswith("soft") else [])
