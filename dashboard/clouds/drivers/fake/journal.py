"""Every write call that reached the fake cloud, for those who check that nothing was done twice."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from .store import reading

DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One call. `about` is our instance id for create, else the cloud's id.

    `answer` is "done", "lost" (done, but the caller was told Unavailable) or the
    name of the error that was raised instead.
    """

    at: float
    call: str
    about: str
    answer: str


def write(db: sqlite3.Connection, *, call: str, about: str, answer: str) -> None:
    db.execute("INSERT INTO journal (at, call, about, answer) VALUES (?, ?, ?, ?)", (time.time(), call, about, answer))


def entries(path: str, *, call: str = "") -> list[Entry]:
    """The calls in order, all or those of one name."""
    with reading(path) as db:
        rows = db.execute(
            "SELECT at, call, about, answer FROM journal WHERE ? IN ('', call) ORDER BY number", (call,)
        ).fetchall()
    return [Entry(**dict(row)) for row in rows]
