"""The verbs of the fake cloud beyond turning on and off: one table says from where, whereto and what meanwhile."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ...interface import Conflict, Reason, Refused, Status, Verb
from .calls import Calls
from .flavors import find_flavor
from .instances import find, note_action, own, plan, refuse_unmarked
from .settle import change

ACTIVE, PAUSED, SUSPENDED, SHUTOFF = Status.ACTIVE, Status.PAUSED, Status.SUSPENDED, Status.SHUTOFF
SHELVED, RESCUE, RESIZED, ERROR = Status.SHELVED, Status.RESCUE, Status.RESIZED, Status.ERROR
SIZE = ("flavor_id", "vcpus", "ram_mib", "disk_gib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One verb. `name` is Nova's word in an instance's history, `task` its word for what it does meanwhile."""

    allowed: tuple[Status, ...]
    to: Status
    task: str
    name: str = ""


MOVES: dict[Verb, Move] = {
    Verb.PAUSE: Move(allowed=(ACTIVE,), to=PAUSED, task="pausing"),
    Verb.UNPAUSE: Move(allowed=(PAUSED,), to=ACTIVE, task="unpausing"),
    Verb.SUSPEND: Move(allowed=(ACTIVE,), to=SUSPENDED, task="suspending"),
    Verb.RESUME: Move(allowed=(SUSPENDED,), to=ACTIVE, task="resuming"),
    Verb.SHELVE: Move(allowed=(ACTIVE, SHUTOFF, PAUSED, SUSPENDED), to=SHELVED, task="shelving"),
    Verb.UNSHELVE: Move(allowed=(SHELVED,), to=ACTIVE, task="unshelving"),
    Verb.UNRESCUE: Move(allowed=(RESCUE,), to=ACTIVE, task="unrescuing"),
    Verb.CONFIRM_RESIZE: Move(allowed=(RESIZED,), to=ACTIVE, task="resize_confirming", name="confirmResize"),
    Verb.REVERT_RESIZE: Move(allowed=(RESIZED,), to=ACTIVE, task="resize_reverting", name="revertResize"),
}
RESCUING = Move(allowed=(ACTIVE, SHUTOFF, ERROR), to=RESCUE, task="rescuing", name="rescue")
RESIZING = Move(allowed=(ACTIVE, SHUTOFF), to=RESIZED, task="resize_prep", name="resize")
REBUILDING = Move(allowed=(ACTIVE, SHUTOFF, ERROR), to=ACTIVE, task="rebuilding", name="rebuild")
IMAGING = (ACTIVE, SHUTOFF, PAUSED, SUSPENDED)


class FakeLifecycle:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def do(self, remote_id: str, verb: Verb) -> None:
        with self.calls.write(verb.value, about=remote_id) as db:
            if verb in (Verb.LOCK, Verb.UNLOCK):
                self._lock(db, remote_id, verb=verb)
            elif not self._is_so(db, remote_id, verb=verb):
                self._move(db, remote_id, call=verb.value, move=MOVES[verb], then=_then(db, remote_id, verb=verb))

    def rescue(self, remote_id: str, *, image_id: str = "") -> None:
        with self.calls.write("rescue", about=remote_id) as db:
            if image_id:
                self._check_image(db, image_id)
            if find(db, remote_id, calls=self.calls)["status"] != RESCUE:
                self._move(db, remote_id, call="rescue", move=RESCUING)

    def resize(self, remote_id: str, *, flavor_id: str, vcpus: int, ram_mib: int, disk_gib: int) -> None:
        with self.calls.write("resize", about=remote_id) as db:
            row, size = find(db, remote_id, calls=self.calls), (flavor_id, vcpus, ram_mib, disk_gib)
            if self.calls.has_places:
                flavor = find_flavor(db, flavor_id)
                size = (flavor.id, flavor.vcpus, flavor.ram_mib, flavor.disk_gib)
            if tuple(row[name] for name in SIZE) == size and not row["task"]:
                return
            if not self.calls.has_places:  # Nova finds out later, and goes back
                _refuse_smaller_disk(row, disk_gib=size[-1])
            then: dict[str, str | int] = dict(zip(SIZE, size, strict=True))
            then["earlier"] = json.dumps({name: row[name] for name in (*SIZE, "status")})
            self._move(db, remote_id, call="resize", move=RESIZING, then=then)

    def rebuild(self, remote_id: str, *, image_id: str) -> None:
        with self.calls.write("rebuild", about=remote_id) as db:
            self._check_image(db, image_id)
            was_off = find(db, remote_id, calls=self.calls)["status"] == SHUTOFF
            move = replace(REBUILDING, to=SHUTOFF) if was_off else REBUILDING  # one that was off stays off
            self._move(db, remote_id, call="rebuild", move=move, then={"image_id": image_id})

    def snapshot(self, remote_id: str, *, name: str, key: str) -> str:
        with self.calls.write("snapshot", about=remote_id) as db:
            row = find(db, remote_id, calls=self.calls)
            find_it = "SELECT id FROM images WHERE snapshot_key = ? AND place_id = ?"
            made = db.execute(find_it, (key, self.calls.place_id)).fetchone()
            if made:
                return str(made["id"])
            _refuse_busy(row, call="snapshot")
            move = Move(allowed=IMAGING, to=row["status"], task="image_snapshot", name="createImage")
            self._move(db, remote_id, call="snapshot", move=move)
            return _insert_snapshot(db, row, name=name, key=key)

    def carry_on(self, remote_id: str) -> None:
        """The cloud does so by itself."""

    def rename(self, remote_id: str, *, name: str) -> None:
        with self.calls.write("rename", about=remote_id) as db:
            own(db, remote_id, calls=self.calls)
            change(db, remote_id, name=name)

    def describe(self, remote_id: str, *, description: str) -> None:
        with self.calls.write("describe", about=remote_id) as db:
            own(db, remote_id, calls=self.calls)
            change(db, remote_id, description=description)

    def set_tags(self, remote_id: str, *, tags: Iterable[str]) -> None:
        wanted = json.dumps(sorted(set(tags)))
        with self.calls.write("set_tags", about=remote_id) as db:
            own(db, remote_id, calls=self.calls)
            change(db, remote_id, tags=wanted)

    def set_metadata(self, remote_id: str, *, metadata: Mapping[str, str]) -> None:
        with self.calls.write("set_metadata", about=remote_id) as db:
            own(db, remote_id, calls=self.calls)
            change(db, remote_id, metadata=json.dumps(dict(metadata)))

    def _lock(self, db: sqlite3.Connection, remote_id: str, *, verb: Verb) -> None:
        """Also what is locked already: it is the one thing that a lock allows."""
        row = find(db, remote_id, calls=self.calls)
        refuse_unmarked(row, calls=self.calls)
        if bool(row["is_locked"]) != (verb is Verb.LOCK):
            note_action(db, remote_id, calls=self.calls, name=verb.value)
            change(db, remote_id, is_locked=verb is Verb.LOCK)

    def _is_so(self, db: sqlite3.Connection, remote_id: str, *, verb: Verb) -> bool:
        """Whether what is asked for holds already, or is on its way."""
        row = find(db, remote_id, calls=self.calls)
        if row["task"]:
            return bool(row["task"] == MOVES[verb].task)
        ends = (ACTIVE, SHUTOFF) if verb in (Verb.CONFIRM_RESIZE, Verb.REVERT_RESIZE) else (MOVES[verb].to,)
        return row["status"] in ends

    def _move(
        self,
        db: sqlite3.Connection,
        remote_id: str,
        *,
        call: str,
        move: Move,
        then: Mapping[str, str | int] | None = None,
    ) -> None:
        row = own(db, remote_id, calls=self.calls, allowed=move.allowed)
        to = str(then.get("status", move.to)) if then else move.to
        kept = {name: value for name, value in (then or {}).items() if name != "status"}
        if row["task"] == move.task and json.loads(row["settles_with"]) == kept:
            return  # it is on its way
        _refuse_busy(row, call=call)
        note_action(db, remote_id, calls=self.calls, name=move.name or call)
        plan(db, remote_id, calls=self.calls, call=call, to=to, task=move.task, then=kept)

    def _check_image(self, db: sqlite3.Connection, image_id: str) -> None:
        find_it = "SELECT 1 FROM images WHERE id = ? AND place_id IN ('', ?)"
        if not db.execute(find_it, (image_id, self.calls.place_id)).fetchone():
            why = f"Image {image_id} could not be found."
            raise Refused(why, reason=Reason.IMAGE_MISSING, source="fake", http_status=400)


def _refuse_busy(row: sqlite3.Row, *, call: str) -> None:
    if row["task"]:
        why = f"Cannot '{call}' instance {row['id']} while it is in task_state {row['task']}"
        raise Conflict(why, source="fake", http_status=409)


def _refuse_smaller_disk(row: sqlite3.Row, *, disk_gib: int) -> None:
    if disk_gib < row["disk_gib"] and not row["volume_gib"]:
        why = "Flavor's disk is too small for requested image."
        raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)


def _then(db: sqlite3.Connection, remote_id: str, *, verb: Verb) -> dict[str, str | int]:
    """After a resize it is on or off as before; after its reverting it has its old size too."""
    if verb not in (Verb.CONFIRM_RESIZE, Verb.REVERT_RESIZE):
        return {}
    row = db.execute("SELECT earlier FROM instances WHERE id = ?", (remote_id,)).fetchone()
    earlier: dict[str, str | int] = json.loads(row["earlier"]) if row else {}
    if verb is Verb.CONFIRM_RESIZE:
        earlier = {name: value for name, value in earlier.items() if name == "status"}
    return {**earlier, "earlier": "{}"}


def _insert_snapshot(db: sqlite3.Connection, row: sqlite3.Row, *, name: str, key: str) -> str:
    image_id = str(uuid.uuid4())
    db.execute(
        "INSERT INTO images (id, name, min_disk_gib, min_ram_mib, size_bytes, login_hint, place_id, snapshot_key,"
        " tenant_id) VALUES (?, ?, ?, 0, ?, '', ?, ?, ?)",
        (image_id, name, row["disk_gib"], row["disk_gib"] << 20, row["place_id"], key, row["tenant_id"] or ""),
    )
    return image_id
