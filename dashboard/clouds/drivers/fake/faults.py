"""What shall go wrong, as rows of the fake cloud's file: any process may set them for all others.

    faults = Faults(path)
    faults.slow(2, call="create")                      each create takes 2 s longer
    faults.slow_answer(30, call="create", times=1)     the work is done at once, its answer comes 30 s later
    faults.fail("Refused", reason="capacity", call="create", times=1)
    faults.lose_answer(call="create")                  done, but the caller is told Unavailable
    faults.away()                                      Unavailable on everything, until back()
    faults.takes(5, call="create")                     BUILD for 5 s, then ACTIVE
    faults.end_in_error("No valid host was found.")    BUILD, then ERROR with that fault
    faults.never_finish(call="create")                 BUILD for ever
    faults.break_off_list(after=10)                    a list that raises after 10 instances
    faults.clear()

`call` is the name of a driver's method: `list`, `get`, `find`, `create`, `start`, `stop`, `reboot`, `delete`,
`console_log`, `password_data`, `watch`, `images`, `check`, `console`; a Verb (`pause`, `confirm-resize`, ...),
`rescue`, `resize`, `rebuild`, `snapshot`, `rename`, `set_tags`, `set_metadata`; `changes`, `actions`, `flavors`;
`zones`, `groups`, `create_group`, `delete_group`; each method of Networks; `quotas`, `set_quotas`; `places`,
`create_place`, `grant`, `revoke`, `withdraw`, `place`; `hosts`; `usages`. Or ANY, which is all but `watch`. What
settles (`takes`, `end_in_error`, `never_finish`) does so for each verb that takes time. `times` is how often it
happens; None is always. Of several faults of one kind for one call, the oldest is used up first.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from .store import reading, writing

ANY = "*"


class Faults:
    """The faults of the fake cloud whose file is at `path`."""

    def __init__(self, path: str) -> None:
        self.path = path

    def slow(self, seconds: float, *, call: str = ANY, times: int | None = None) -> None:
        self._plan("slow", call=call, times=times, value={"seconds": seconds})

    def slow_answer(self, seconds: float, *, call: str = ANY, times: int | None = None) -> None:
        self._plan("slow-answer", call=call, times=times, value={"seconds": seconds})

    def fail(
        self, error: str, *, call: str = ANY, times: int | None = 1, detail: str = "on demand", reason: str = "other"
    ) -> None:
        """`error` is the name of a CloudError class; `reason` is for Refused."""
        value = {"error": error, "detail": detail, "reason": reason}
        self._plan("fail", call=call, times=times, value=value)

    def lose_answer(self, *, call: str = ANY, times: int | None = 1) -> None:
        self._plan("lose-answer", call=call, times=times, value={})

    def away(self) -> None:
        for call in (ANY, "watch"):
            self._plan("away", call=call, times=None, value={})

    def back(self) -> None:
        self._forget("away")

    def takes(self, seconds: float, *, call: str = ANY, times: int | None = None) -> None:
        """The status changes that many seconds after the call, instead of after the setting `delay_s`."""
        self._plan("takes", call=call, times=times, value={"seconds": seconds})

    def end_in_error(self, fault: str, *, call: str = "create", times: int | None = 1) -> None:
        self._plan("end-in-error", call=call, times=times, value={"fault": fault})

    def never_finish(self, *, call: str = "create", times: int | None = 1) -> None:
        self._plan("never-finish", call=call, times=times, value={})

    def break_off_list(self, *, after: int, times: int | None = 1) -> None:
        self._plan("break-off", call="list", times=times, value={"after": after})

    def clear(self) -> None:
        with writing(self.path) as db:
            db.execute("DELETE FROM faults")

    def _plan(self, kind: str, *, call: str, times: int | None, value: dict[str, Any]) -> None:
        with writing(self.path) as db:
            db.execute(
                "INSERT INTO faults (kind, call, times, value) VALUES (?, ?, ?, ?)",
                (kind, call, times, json.dumps(value)),
            )

    def _forget(self, kind: str) -> None:
        with writing(self.path) as db:
            db.execute("DELETE FROM faults WHERE kind = ?", (kind,))


def take(path: str, *, kind: str, call: str) -> dict[str, Any] | None:
    """Use up one fault of that kind for that call; its value, or None where none is planned."""
    with reading(path) as db:
        if _planned(db, kind=kind, call=call) is None:
            return None  # the usual case takes no write lock
    with writing(path) as db:
        return take_within(db, kind=kind, call=call)


def take_within(db: sqlite3.Connection, *, kind: str, call: str) -> dict[str, Any] | None:
    """The same inside a transaction that is already open."""
    row = _planned(db, kind=kind, call=call)
    if row is None:
        return None
    db.execute("UPDATE faults SET times = times - 1 WHERE number = ?", (row["number"],))
    return dict(json.loads(row["value"]))


def _planned(db: sqlite3.Connection, *, kind: str, call: str) -> sqlite3.Row | None:
    """ANY does not mean watch, which looks ten times a second and would use up what is meant for others."""
    row: sqlite3.Row | None = db.execute(
        "SELECT number, value FROM faults WHERE kind = ? AND (call = ? OR (call = '*' AND ? != 'watch'))"
        " AND (times IS NULL OR times > 0) ORDER BY number LIMIT 1",
        (kind, call, call),
    ).fetchone()
    return row
