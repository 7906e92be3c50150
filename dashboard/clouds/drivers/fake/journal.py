"""The calls that reached the fake cloud, for those who check that nothing was done twice or with another's key.

Calls that only read are noted where the cloud has places.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from .store import reading

DONE = "done"
UNKNOWN = "unknown"
"""Stands for a credential that nobody was ever granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One call. `about` is our instance id for create, else the cloud's id, empty for what only reads.

    `answer` is "done", "lost" (done, but the caller was told Unavailable) or the
    name of the error that was raised instead. `credential` is the id of the caller's; the
    cloud's own has the empty one, and so has its `place_id`.
    """

    at: float
    call: str
    about: str
    answer: str
    credential: str = ""
    place_id: str = ""


def write(
    db: sqlite3.Connection, *, call: str, about: str, answer: str, credential: str, place: str, is_read: bool = False
) -> None:
    db.execute(
        "INSERT INTO journal (at, call, about, answer, credential, place_id, is_read) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (time.time(), call, about, answer, credential, place, is_read),
    )


def entries(path: str, *, call: str = "", reads: bool = False) -> list[Entry]:
    """The calls in order, all or those of one name; with `reads`, also those that changed nothing."""
    with reading(path) as db:
        rows = db.execute(
            "SELECT at, call, about, answer, credential, place_id FROM journal"
            " WHERE ? IN ('', call) AND is_read <= ? ORDER BY number",
            (call, reads),
        ).fetchall()
    return [Entry(**dict(row)) for row in rows]
