"""The places of tenants on the fake cloud, and the keys to them."""

from __future__ import annotations

import secrets
import sqlite3
import uuid
from collections.abc import Iterable, Mapping

from ...interface import Conflict, Credential, NotFound, RemotePlace
from . import security
from .calls import Calls
from .quotas import FakeQuotas


class FakePlaces:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def list(self) -> Iterable[RemotePlace]:
        with self.calls.read("places") as db:
            return [_to_place(row) for row in db.execute("SELECT * FROM places ORDER BY rowid")]

    def create(self, *, mark: str, name: str) -> RemotePlace:
        with self.calls.write("create_place", about=mark) as db:
            row = db.execute("SELECT * FROM places WHERE mark = ? AND mark != ''", (mark,)).fetchone()
            if row is None:
                row = find(db, insert(db, name=name, mark=mark))
            return _to_place(row)

    def grant(self, place_id: str, *, label: str) -> Credential:
        with self.calls.write("grant", about=place_id) as db:
            find(db, place_id)
            return insert_key(db, place_id, label=label)

    def revoke(self, place_id: str, *, credential_id: str) -> None:
        with self.calls.write("revoke", about=credential_id) as db:
            values = (credential_id, place_id)
            db.execute("UPDATE credentials SET is_revoked = 1 WHERE id = ? AND place_id = ?", values)

    def used(self, place_id: str) -> Mapping[str, int]:
        limits = FakeQuotas(self.calls).get(place_id)
        return {name: limit.used for name, limit in limits.items() if limit.used is not None}

    def withdraw(self, place_id: str) -> None:
        with self.calls.write("withdraw", about=place_id) as db:
            db.execute("UPDATE credentials SET is_revoked = 1 WHERE place_id = ? AND person = ''", (place_id,))

    def remove(self, place_id: str) -> None:
        with self.calls.write("remove_place", about=place_id) as db:
            if left := left_in(db, place_id):
                raise Conflict(f"the place still has {', '.join(left)}", source="fake", http_status=409)
            db.execute("UPDATE credentials SET is_revoked = 1 WHERE place_id = ?", (place_id,))
            db.execute("DELETE FROM places WHERE id = ?", (place_id,))


def left_in(db: sqlite3.Connection, place_id: str) -> list[str]:
    """How many of what is in the place, such as `1 instance`; of what there is none, nothing."""
    counts = {
        table: db.execute(f"SELECT count(*) FROM {table} WHERE place_id = ?", (place_id,)).fetchone()[0]  # noqa: S608
        for table in ("instances", "networks", "routers", "floating_ips")
    }
    return [counted(count, table.replace("_", " ")) for table, count in counts.items() if count]


def counted(count: int, things: str) -> str:
    return f"1 {things.removesuffix('s')}" if count == 1 else f"{count} {things}"


def insert(db: sqlite3.Connection, *, name: str, mark: str = "") -> str:
    """Raises Conflict where the name is taken."""
    place_id = uuid.uuid4().hex
    try:
        db.execute("INSERT INTO places (id, name, mark) VALUES (?, ?, ?)", (place_id, name, mark))
    except sqlite3.IntegrityError as error:
        raise Conflict(f"There is already a place with the name {name}", source="fake", http_status=409) from error
    security.default_group(db, place_id)
    return place_id


def insert_key(db: sqlite3.Connection, place_id: str, *, label: str, person: str = "", mark: str = "") -> Credential:
    """`person` is whose it is, where it is not Skydeck's own."""
    credential_id, key = uuid.uuid4().hex, secrets.token_urlsafe(24)
    values = (credential_id, place_id, label, key, person, mark)
    db.execute("INSERT INTO credentials (id, place_id, label, key, person, mark) VALUES (?, ?, ?, ?, ?, ?)", values)
    return Credential(id=credential_id, settings={"place_id": place_id, "key": key})


def place_of(db: sqlite3.Connection, place_id: str) -> RemotePlace:
    """Raises NotFound."""
    return _to_place(find(db, place_id))


def find(db: sqlite3.Connection, place_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM places WHERE id = ?", (place_id,)).fetchone()
    if row is None:
        raise NotFound(f"no place {place_id}", source="fake", http_status=404)
    return row


def _to_place(row: sqlite3.Row) -> RemotePlace:
    return RemotePlace(
        id=row["id"], name=row["name"], domain="fake", is_enabled=bool(row["is_enabled"]), mark=row["mark"]
    )
