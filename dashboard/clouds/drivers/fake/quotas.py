"""The fake cloud's own limits of a tenant's place. They begin with what Nova, Neutron and Cinder begin with."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from ...interface import Limit, NotFound, Reason, Refused
from .calls import Calls

DEFAULTS = {
    "instances": 10,
    "vcpus": 20,
    "ram_mib": 51200,
    "key_pairs": 100,
    "server_groups": 10,
    "volumes": 10,
    "volume_gib": 1000,
    "snapshots": 10,
    "networks": 100,
    "subnets": 100,
    "routers": 10,
    "ports": 500,
    "security_groups": 10,
    "security_group_rules": 100,
    "floating_ips": 50,
}
USED = {
    "instances": "SELECT count(*) FROM instances WHERE place_id = ?",
    "vcpus": "SELECT coalesce(sum(vcpus), 0) FROM instances WHERE place_id = ?",
    "ram_mib": "SELECT coalesce(sum(ram_mib), 0) FROM instances WHERE place_id = ?",
    "server_groups": "SELECT count(*) FROM server_groups WHERE place_id = ?",
    "volumes": "SELECT count(*) FROM instances WHERE volume_gib > 0 AND place_id = ?",
    "volume_gib": "SELECT coalesce(sum(volume_gib), 0) FROM instances WHERE place_id = ?",
    "networks": "SELECT count(*) FROM networks WHERE place_id = ?",
    "subnets": "SELECT count(*) FROM subnets WHERE place_id = ?",
    "routers": "SELECT count(*) FROM routers WHERE place_id = ?",
    "ports": "SELECT count(*) FROM ports WHERE place_id = ?",
    "security_groups": "SELECT count(*) FROM security_groups WHERE place_id = ?",
    "security_group_rules": "SELECT count(*) FROM rules WHERE place_id = ?",
    "floating_ips": "SELECT count(*) FROM floating_ips WHERE place_id = ?",
}
NOVAS_WORDS = {"instances": "instances", "vcpus": "cores", "ram_mib": "ram", "server_groups": "server_groups"}


class FakeQuotas:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def get(self, place_id: str = "") -> Mapping[str, Limit]:
        with self.calls.read("quotas") as db:
            return limits_of(db, self._place(db, place_id))

    def used(self) -> Mapping[str, int]:
        return {}  # `get` tells it

    def set(self, place_id: str, limits: Mapping[str, int | None]) -> None:
        with self.calls.write("set_quotas", about=place_id) as db:
            if self.calls.place_id:
                raise Refused("only the cloud's administrator sets limits", reason=Reason.POLICY, http_status=403)
            if unknown := set(limits) - set(DEFAULTS):
                raise Refused(f"no such limits: {sorted(unknown)}", reason=Reason.INVALID, http_status=400)
            store(db, self._place(db, place_id), limits=limits)

    def _place(self, db: sqlite3.Connection, place_id: str) -> str:
        place_id = place_id or self.calls.place_id
        if self.calls.place_id not in ("", place_id):
            raise Refused("this is another tenant's place", reason=Reason.POLICY, http_status=403)
        if place_id and not db.execute("SELECT 1 FROM places WHERE id = ?", (place_id,)).fetchone():
            raise NotFound(f"no place {place_id}", source="fake", http_status=404)
        return place_id


def limits_of(db: sqlite3.Connection, place_id: str) -> dict[str, Limit]:
    return {name: Limit(limit=_limit(db, place_id, name), used=_used(db, place_id, name)) for name in DEFAULTS}


def store(db: sqlite3.Connection, place_id: str, *, limits: Mapping[str, int | None]) -> None:
    rows = [(place_id, name, amount) for name, amount in limits.items()]
    db.executemany("INSERT OR REPLACE INTO limits VALUES (?, ?, ?)", rows)


def check(db: sqlite3.Connection, *, calls: Calls, **wanted: int) -> None:
    """Raises Refused where one of these would be too much. The administrator's own place has no limits."""
    if not calls.place_id:
        return
    for name, amount in wanted.items():
        limit, used = _limit(db, calls.place_id, name), _used(db, calls.place_id, name) or 0
        if limit is not None and amount > 0 and used + amount > limit:
            raise Refused(_why(name, amount, used, limit), reason=Reason.QUOTA, source="fake", http_status=403)


def _why(name: str, amount: int, used: int, limit: int) -> str:
    """In Nova's words where it is Nova's, else in Neutron's."""
    if word := NOVAS_WORDS.get(name):
        return f"Quota exceeded for {word}: Requested {amount}, but already used {used} of {limit} {word}"
    return f"Quota exceeded for resources: ['{name.removesuffix('s')}']: {used} of {limit} used."


def _limit(db: sqlite3.Connection, place_id: str, name: str) -> int | None:
    row = db.execute("SELECT amount FROM limits WHERE place_id = ? AND resource = ?", (place_id, name)).fetchone()
    return row["amount"] if row else DEFAULTS[name]


def _used(db: sqlite3.Connection, place_id: str, name: str) -> int | None:
    return int(db.execute(USED[name], (place_id,)).fetchone()[0]) if name in USED else None
