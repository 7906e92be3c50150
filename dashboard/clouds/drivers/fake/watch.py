"""Changes of the fake cloud, by looking at its change counter ten times a second."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator

from ...interface import Change
from .calls import Calls
from .mapping import to_instance

POLL_S = 0.1


def changes(calls: Calls, *, stop: threading.Event) -> Iterator[Change]:
    """What changes from this call on; the counting begins now, not with the first `next`."""
    with calls.read("watch") as db:
        start = newest(db)
    return _changes_since(calls, stop=stop, seen=start)


def newest(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(number), 0) FROM changes").fetchone()[0])


def _changes_since(calls: Calls, *, stop: threading.Event, seen: int) -> Iterator[Change]:
    look = _where_new if calls.has_places else _new
    while not stop.wait(POLL_S):
        with calls.read("watch") as db:
            seen, found = look(db, seen=seen)
        yield from found


def _new(db: sqlite3.Connection, *, seen: int) -> tuple[int, list[Change]]:
    """The counter now, and each instance that changed since, once."""
    counter = newest(db)
    rows = db.execute(
        "SELECT DISTINCT changes.remote_id AS remote_id, servers.* FROM changes"
        " LEFT JOIN servers ON servers.id = changes.remote_id WHERE number > ? AND number <= ?",
        (seen, counter),
    ).fetchall()
    return counter, [_change(row) for row in rows]


def _where_new(db: sqlite3.Connection, *, seen: int) -> tuple[int, list[Change]]:
    """Where there are places: only which instance of which place, as a cloud's message bus tells it."""
    counter = newest(db)
    rows = db.execute(
        "SELECT DISTINCT remote_id, place_id FROM changes WHERE number > ? AND number <= ?", (seen, counter)
    ).fetchall()
    return counter, [Change(remote_id=row["remote_id"], instance=None, place_id=row["place_id"]) for row in rows]


def _change(row: sqlite3.Row) -> Change:
    return Change(remote_id=row["remote_id"], instance=to_instance(row) if row["id"] else None)
