"""Instances of the fake cloud: rows that change their status after a while."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

from ...interface import Change, LaunchSpec, RemoteInstance, Status, Unavailable
from .calls import Calls
from .instances import SETTLED, find, find_marked, note_action, own, plan, refuse_locked, refuse_unmarked, remove
from .launch import insert
from .mapping import to_instance
from .watch import changes


class FakeCompute:
    def __init__(self, calls: Calls, *, forgetful: bool) -> None:
        self.calls = calls
        self.forgetful = forgetful

    def list(self) -> Iterator[RemoteInstance]:
        broken = self.calls.take("break-off", call="list")
        with self.calls.read("list") as db:
            rows = db.execute(
                "SELECT * FROM servers WHERE place_id = ? ORDER BY created_at, id", (self.calls.place_id,)
            ).fetchall()
        for count, row in enumerate(rows):
            if broken and count == broken["after"]:
                raise Unavailable("the list broke off")
            yield to_instance(row)

    def get(self, remote_id: str) -> RemoteInstance:
        with self.calls.read("get") as db:
            return to_instance(find(db, remote_id, calls=self.calls))

    def find(self, instance_id: str) -> RemoteInstance | None:
        with self.calls.read("find") as db:
            row = find_marked(db, instance_id, calls=self.calls)
        return to_instance(row) if row else None

    def create(self, spec: LaunchSpec) -> RemoteInstance:
        with self.calls.write("create", about=spec.instance_id) as db:
            row = None if self.forgetful else find_marked(db, spec.instance_id, calls=self.calls)
            if row is None:
                remote_id = str(uuid.uuid4()) if self.forgetful else spec.instance_id
                insert(db, spec, calls=self.calls, remote_id=remote_id)
                row = find(db, remote_id, calls=self.calls)
        return to_instance(row)

    def start(self, remote_id: str) -> None:
        with self.calls.write("start", about=remote_id) as db:
            if own(db, remote_id, calls=self.calls, allowed=SETTLED)["status"] != Status.ACTIVE:
                note_action(db, remote_id, calls=self.calls, name="start")
                plan(db, remote_id, calls=self.calls, call="start", to=Status.ACTIVE, task="powering-on")

    def stop(self, remote_id: str, *, force: bool = False) -> None:
        with self.calls.write("stop", about=remote_id) as db:
            if own(db, remote_id, calls=self.calls, allowed=SETTLED)["status"] != Status.SHUTOFF:
                note_action(db, remote_id, calls=self.calls, name="stop")
                plan(db, remote_id, calls=self.calls, call="stop", to=Status.SHUTOFF, task="powering-off")

    def reboot(self, remote_id: str, *, hard: bool = False) -> None:
        with self.calls.write("reboot", about=remote_id) as db:
            own(db, remote_id, calls=self.calls, allowed=SETTLED if hard else (Status.ACTIVE,))
            note_action(db, remote_id, calls=self.calls, name="reboot")
            plan(db, remote_id, calls=self.calls, call="reboot", to=Status.ACTIVE, task="rebooting")

    def delete(self, remote_id: str) -> None:
        with self.calls.write("delete", about=remote_id) as db:
            row = db.execute(
                "SELECT * FROM instances WHERE id = ? AND place_id = ?", (remote_id, self.calls.place_id)
            ).fetchone()
            if row is None:
                return
            refuse_unmarked(row, calls=self.calls)
            refuse_locked(row)
            note_action(db, remote_id, calls=self.calls, name="delete")
            remove(db, remote_id)

    def console_log(self, remote_id: str, *, max_bytes: int = 65536) -> str:
        with self.calls.read("console_log") as db:
            text: str = find(db, remote_id, calls=self.calls)["console_log"]
        return text.encode()[-max_bytes:].decode(errors="replace")

    def password_data(self, remote_id: str) -> str:
        """What `outside.give_password` put there, as a guest would."""
        with self.calls.read("password_data") as db:
            return str(find(db, remote_id, calls=self.calls)["password_data"])

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        return changes(self.calls, stop=stop)
