"""What the fake cloud does by itself: each instance whose waiting is over becomes what it was waiting for."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from ...interface import Status
from .store import reading, writing

DUE = "SELECT * FROM instances WHERE settles_at <= ?"


def settle(path: str, *, now: float) -> None:
    with reading(path) as db:
        if db.execute(DUE, (now,)).fetchone() is None:
            return  # the usual case takes no write lock
    with writing(path) as db:
        for row in db.execute(DUE, (now,)).fetchall():
            _settle(db, row)


def _settle(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    with_it = json.loads(row["settles_with"])
    change(db, row["id"], status=row["settles_to"], fault=row["settles_fault"], settles_at=None, task="", **with_it)
    if row["settles_to"] == Status.ERROR:
        db.execute(
            "UPDATE actions SET message = ? WHERE number = (SELECT max(number) FROM actions WHERE remote_id = ?)",
            (row["settles_fault"], row["id"]),
        )


def change(db: sqlite3.Connection, remote_id: str, **columns: Any) -> None:
    """Write these columns of an instance, and let those know who watch."""
    names = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE instances SET {names} WHERE id = ?", (*columns.values(), remote_id))  # noqa: S608  our own names
    note_change(db, remote_id)


def note_change(db: sqlite3.Connection, remote_id: str) -> None:
    """Before the row is removed, where it is to be: the change keeps the place that it was in."""
    db.execute(
        "INSERT INTO changes (remote_id, place_id)"
        " VALUES (?, coalesce((SELECT place_id FROM instances WHERE id = ?), ''))",
        (remote_id, remote_id),
    )
