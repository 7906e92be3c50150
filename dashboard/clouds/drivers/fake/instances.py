"""The fake cloud's instances as rows: found, guarded, and on their way to another status."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from ...interface import Conflict, NotFound, Status
from .calls import Calls
from .faults import take_within
from .settle import change, note_change

SETTLED = (Status.ACTIVE, Status.PAUSED, Status.SUSPENDED, Status.SHUTOFF, Status.ERROR)
"""From BUILD nothing but delete is possible."""


def find(db: sqlite3.Connection, remote_id: str, *, calls: Calls) -> sqlite3.Row:
    """One of the caller's place. Raises NotFound."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM servers WHERE id = ? AND place_id = ?", (remote_id, calls.place_id)
    ).fetchone()
    if row is None:
        raise NotFound(f"no instance {remote_id}", source="fake", http_status=404)
    return row


def find_marked(db: sqlite3.Connection, instance_id: str, *, calls: Calls) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM servers WHERE instance_id = ? AND place_id = ? ORDER BY created_at LIMIT 1",
        (instance_id, calls.place_id),
    ).fetchone()
    return row


def own(
    db: sqlite3.Connection, remote_id: str, *, calls: Calls, allowed: Collection[str] = tuple(Status)
) -> sqlite3.Row:
    """One that the caller may change now. Raises NotFound or Conflict."""
    row = find(db, remote_id, calls=calls)
    refuse_unmarked(row, calls=calls)
    refuse_locked(row)
    if row["status"] not in allowed:
        raise Conflict(f"instance {remote_id} is {row['status']}", source="fake", http_status=409)
    return row


def refuse_unmarked(row: sqlite3.Row, *, calls: Calls) -> None:
    """In a tenant's place everything is the tenant's, whoever made it."""
    if row["instance_id"] is None and not calls.place_id:
        raise Conflict("this instance does not carry our mark", source="fake", http_status=409)


def refuse_locked(row: sqlite3.Row) -> None:
    if row["is_locked"]:
        raise Conflict(f"Instance {row['id']} is locked", source="fake", http_status=409)


def plan(
    db: sqlite3.Connection,
    remote_id: str,
    *,
    calls: Calls,
    call: str,
    to: str,
    task: str,
    fault: str = "",
    then: Mapping[str, Any] | None = None,
) -> None:
    """Note that the call was heard, and plan what comes of it when the delay is over.

    `then` are columns that are written when it went well, `fault` the reason for ERROR.
    """
    change(db, remote_id, task=task)
    if take_within(db, kind="never-finish", call=call) is not None:
        return
    bad = take_within(db, kind="end-in-error", call=call)
    takes = take_within(db, kind="takes", call=call)
    db.execute(
        "UPDATE instances SET settles_at = ?, settles_to = ?, settles_fault = ?, settles_with = ? WHERE id = ?",
        (
            time.time() + (takes["seconds"] if takes else calls.delay_s),
            Status.ERROR if bad else to,
            bad["fault"] if bad else fault,
            json.dumps({} if bad else dict(then or {})),
            remote_id,
        ),
    )


def note_action(db: sqlite3.Connection, remote_id: str, *, calls: Calls, name: str) -> None:
    """In the history of the instance, as the cloud keeps it for whoever asks."""
    db.execute(
        "INSERT INTO actions (id, remote_id, place_id, name, started_at, credential) VALUES (?, ?, ?, ?, ?, ?)",
        (f"req-{uuid.uuid4()}", remote_id, calls.place_id, name, time.time(), calls.sign_in(db) or "admin"),
    )


def remove(db: sqlite3.Connection, remote_id: str) -> None:
    """With its ports. What it was stays known to those who ask for changes."""
    row = db.execute("SELECT * FROM servers WHERE id = ?", (remote_id,)).fetchone()
    if row is None:
        return
    note_change(db, remote_id)
    said = json.dumps({**dict(row), "status": Status.DELETED, "task": "", "settles_at": None, "is_partial": 0})
    db.execute("INSERT OR REPLACE INTO gone VALUES (?, ?, ?)", (remote_id, row["place_id"], said))
    ports = "(SELECT id FROM ports WHERE device_id = ?)"
    db.execute(f"UPDATE floating_ips SET port_id = '' WHERE port_id IN {ports}", (remote_id,))  # noqa: S608
    db.execute(f"DELETE FROM port_groups WHERE port_id IN {ports}", (remote_id,))  # noqa: S608
    db.execute("DELETE FROM ports WHERE device_id = ?", (remote_id,))
    db.execute("DELETE FROM instances WHERE id = ?", (remote_id,))
