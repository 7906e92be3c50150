"""Instances of the fake cloud: rows that change their status after a while."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator

from ...interface import Change, Conflict, LaunchSpec, NotFound, Reason, Refused, RemoteInstance, Status, Unavailable
from .calls import Calls
from .faults import take_within
from .mapping import to_instance
from .store import note_change
from .watch import changes

SETTLED = (Status.ACTIVE, Status.PAUSED, Status.SUSPENDED, Status.SHUTOFF, Status.ERROR)
"""From BUILD nothing but delete is possible."""


class FakeCompute:
    def __init__(self, calls: Calls, *, delay_s: float, forgetful: bool) -> None:
        self.calls = calls
        self.delay_s = delay_s
        self.forgetful = forgetful

    def list(self) -> Iterator[RemoteInstance]:
        broken = self.calls.take("break-off", call="list")
        with self.calls.read("list") as db:
            rows = db.execute("SELECT * FROM instances ORDER BY created_at, id").fetchall()
        for count, row in enumerate(rows):
            if broken and count == broken["after"]:
                raise Unavailable("the list broke off")
            yield to_instance(row)

    def get(self, remote_id: str) -> RemoteInstance:
        with self.calls.read("get") as db:
            return to_instance(_row(db, remote_id))

    def find(self, instance_id: str) -> RemoteInstance | None:
        with self.calls.read("find") as db:
            row = _marked(db, instance_id)
        return to_instance(row) if row else None

    def create(self, spec: LaunchSpec) -> RemoteInstance:
        with self.calls.write("create", about=spec.instance_id) as db:
            row = None if self.forgetful else _marked(db, spec.instance_id)
            if row is None:
                _check(db, spec)
                row = _row(db, self._insert(db, spec))
        return to_instance(row)

    def start(self, remote_id: str) -> None:
        with self.calls.write("start", about=remote_id) as db:
            if _own(db, remote_id, allowed=SETTLED)["status"] != Status.ACTIVE:
                self._change(db, remote_id, call="start", to=Status.ACTIVE)

    def stop(self, remote_id: str, *, force: bool = False) -> None:
        with self.calls.write("stop", about=remote_id) as db:
            if _own(db, remote_id, allowed=SETTLED)["status"] != Status.SHUTOFF:
                self._change(db, remote_id, call="stop", to=Status.SHUTOFF)

    def reboot(self, remote_id: str, *, hard: bool = False) -> None:
        with self.calls.write("reboot", about=remote_id) as db:
            _own(db, remote_id, allowed=SETTLED if hard else (Status.ACTIVE,))
            self._change(db, remote_id, call="reboot", to=Status.ACTIVE)

    def delete(self, remote_id: str) -> None:
        with self.calls.write("delete", about=remote_id) as db:
            row = db.execute("SELECT instance_id FROM instances WHERE id = ?", (remote_id,)).fetchone()
            if row is None:
                return
            _refuse_unmarked(row)
            db.execute("DELETE FROM instances WHERE id = ?", (remote_id,))
            note_change(db, remote_id)

    def console_log(self, remote_id: str, *, max_bytes: int = 65536) -> str:
        with self.calls.read("console_log") as db:
            text: str = _row(db, remote_id)["console_log"]
        return text.encode()[-max_bytes:].decode(errors="replace")

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        return changes(self.calls, stop=stop)

    def _insert(self, db: sqlite3.Connection, spec: LaunchSpec) -> str:
        remote_id = str(uuid.uuid4()) if self.forgetful else spec.instance_id
        db.execute(
            "INSERT INTO instances (id, name, status, vcpus, ram_mib, disk_gib, tenant_id, instance_id, operation_id,"
            " address, image_id, flavor_id, created_at, console_log) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (remote_id, spec.name, Status.BUILD, spec.vcpus, spec.ram_mib, spec.disk_gib, spec.tenant_id,
             spec.instance_id, spec.operation_id, _address(remote_id), spec.image_id, spec.flavor_id, time.time(),
             f"Booting {spec.image_id}\nfake login: "),
        )  # fmt: skip
        self._change(db, remote_id, call="create", to=Status.ACTIVE)
        return remote_id

    def _change(self, db: sqlite3.Connection, remote_id: str, *, call: str, to: Status) -> None:
        """Note that the call was heard, and plan what comes of it when the delay is over."""
        note_change(db, remote_id)
        if take_within(db, kind="never-finish", call=call) is not None:
            return
        bad = take_within(db, kind="end-in-error", call=call)
        takes = take_within(db, kind="takes", call=call)
        db.execute(
            "UPDATE instances SET settles_at = ?, settles_to = ?, settles_fault = ? WHERE id = ?",
            (
                time.time() + (takes["seconds"] if takes else self.delay_s),
                Status.ERROR if bad else to,
                bad["fault"] if bad else "",
                remote_id,
            ),
        )


def _row(db: sqlite3.Connection, remote_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM instances WHERE id = ?", (remote_id,)).fetchone()
    if row is None:
        raise NotFound(f"no instance {remote_id}")
    return row


def _marked(db: sqlite3.Connection, instance_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM instances WHERE instance_id = ? ORDER BY created_at LIMIT 1", (instance_id,)
    ).fetchone()
    return row


def _own(db: sqlite3.Connection, remote_id: str, *, allowed: tuple[Status, ...]) -> sqlite3.Row:
    row = _row(db, remote_id)
    _refuse_unmarked(row)
    if row["status"] not in allowed:
        raise Conflict(f"instance {remote_id} is {row['status']}")
    return row


def _refuse_unmarked(row: sqlite3.Row) -> None:
    if row["instance_id"] is None:
        raise Conflict("this instance does not carry our mark")


def _check(db: sqlite3.Connection, spec: LaunchSpec) -> None:
    image = db.execute("SELECT min_disk_gib FROM images WHERE id = ?", (spec.image_id,)).fetchone()
    if image is None:
        raise Refused(f"no image {spec.image_id}", reason=Reason.IMAGE_MISSING)
    if spec.disk_gib < image["min_disk_gib"]:
        raise Refused("the image needs a larger disk", reason=Reason.IMAGE_TOO_LARGE)


def _address(remote_id: str) -> str:
    """An address of the documentation network, the same for the same instance."""
    return f"192.0.2.{1 + sum(remote_id.encode()) % 254}"
