"""What happened on the fake cloud while nobody looked."""

from __future__ import annotations

import json
import sqlite3

from ...interface import Changes, Reason, Refused, RemoteAction, RemoteInstance
from .calls import Calls
from .instances import find
from .mapping import to_action, to_instance
from .watch import newest


class FakeHistory:
    """The cursor is the number of the last change that was told."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def changes(self, cursor: str) -> Changes:
        with self.calls.read("changes") as db:
            counter = newest(db)
            found = _since(db, _number(cursor), calls=self.calls) if cursor else _all(db, calls=self.calls)
        return Changes(instances=tuple(found), cursor=str(counter))

    def actions(self, remote_id: str) -> tuple[RemoteAction, ...]:
        """Of one that is gone too, as in Nova."""
        with self.calls.read("actions") as db:
            rows = db.execute(
                "SELECT * FROM actions WHERE remote_id = ? AND place_id = ? ORDER BY number DESC",
                (remote_id, self.calls.place_id),
            ).fetchall()
            if not rows:
                find(db, remote_id, calls=self.calls)
        return tuple(to_action(row) for row in rows)


def _all(db: sqlite3.Connection, *, calls: Calls) -> list[RemoteInstance]:
    rows = db.execute("SELECT * FROM servers WHERE place_id = ? ORDER BY created_at, id", (calls.place_id,))
    return [to_instance(row) for row in rows]


def _since(db: sqlite3.Connection, number: int, *, calls: Calls) -> list[RemoteInstance]:
    changed = "SELECT remote_id FROM changes WHERE number > ? AND place_id = ?"
    values = (number, calls.place_id)
    here = db.execute(f"SELECT * FROM servers WHERE id IN ({changed})", values).fetchall()  # noqa: S608
    gone = db.execute(
        f"SELECT instance FROM gone WHERE id IN ({changed})"  # noqa: S608
        " AND id NOT IN (SELECT id FROM instances)",
        values,
    ).fetchall()
    return [*map(to_instance, here), *(to_instance(json.loads(row["instance"])) for row in gone)]


def _number(cursor: str) -> int:
    if not cursor.isdecimal():
        raise Refused(f"{cursor!r} is no cursor of this cloud", reason=Reason.INVALID, source="fake", http_status=400)
    return int(cursor)
