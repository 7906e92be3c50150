"""The way into the fake cloud: first the faults that are planned, then who asks, then the work and the journal."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...interface import AuthFailed, CloudError, Conflict, NotFound, Reason, Refused, Unavailable, note_call
from . import journal
from .faults import take
from .settle import settle
from .store import reading, writing

ERRORS: dict[str, type[CloudError]] = {
    error.__name__: error for error in (CloudError, Unavailable, NotFound, Conflict, Refused, AuthFailed)
}


class Calls:
    """One caller of one cloud.

    `place_id` and `key` are those of a tenant's place; without them the caller is the cloud's own administrator,
    whose place has the empty id. `has_places`: the cloud has places for tenants, and notes who reads what.
    """

    def __init__(
        self, path: str, *, delay_s: float = 0, has_places: bool = False, place_id: str = "", key: str = ""
    ) -> None:
        self.path = path
        self.delay_s = delay_s
        self.has_places = has_places
        self.place_id = place_id
        self.key = key

    @contextmanager
    def read(self, call: str) -> Iterator[sqlite3.Connection]:
        with self._answering():
            note_call(new_id(), source="fake")
            try:
                self.suffer(call)
                settle(self.path, now=time.time())
                with reading(self.path) as db:
                    self.sign_in(db)
                    self._note_read(call, answer=journal.DONE)
                    yield db
            except CloudError as error:
                self._note_read(call, answer=type(error).__name__)
                raise

    @contextmanager
    def write(self, call: str, *, about: str) -> Iterator[sqlite3.Connection]:
        """One transaction of work with its entry in the journal, whatever comes of it."""
        with self._answering():
            note_call(new_id(), source="fake", changes=True)
            try:
                self.suffer(call)
                settle(self.path, now=time.time())
                lost = take(self.path, kind="lose-answer", call=call) is not None
                with writing(self.path) as db:
                    credential = self.sign_in(db)
                    yield db
                    answer = "lost" if lost else journal.DONE
                    journal.write(db, call=call, about=about, answer=answer, credential=credential, place=self.place_id)
            except CloudError as error:
                self._note_failure(call, about=about, error=error)
                raise
            self._answer_late(call, lost=lost)

    def sign_in(self, db: sqlite3.Connection) -> str:
        """The id of the caller's credential, empty for the cloud's own. Raises AuthFailed."""
        if not self.place_id:
            return ""
        row = db.execute(
            "SELECT credentials.id AS id FROM credentials JOIN places ON places.id = place_id"
            " WHERE place_id = ? AND key = ? AND NOT is_revoked AND is_enabled",
            (self.place_id, self.key),
        ).fetchone()
        if row is None:
            raise AuthFailed("the key is not one of this place, or was revoked", source="fake", http_status=401)
        return str(row["id"])

    def take(self, kind: str, *, call: str) -> dict[str, Any] | None:
        return take(self.path, kind=kind, call=call)

    def suffer(self, call: str) -> None:
        """Be as slow, as far away and as broken as planned."""
        if slow := self.take("slow", call=call):
            time.sleep(slow["seconds"])
        if self.take("away", call=call) is not None:
            raise Unavailable("the fake cloud is away")
        if planned := self.take("fail", call=call):
            raise _error(planned)

    def _answer_late(self, call: str, *, lost: bool) -> None:
        if slow := self.take("slow-answer", call=call):
            time.sleep(slow["seconds"])
        if lost:
            raise Unavailable("the answer was lost")

    def _note_read(self, call: str, *, answer: str) -> None:
        """Not of a watcher, which looks ten times a second."""
        if self.has_places and call != "watch":
            with writing(self.path) as db:
                who = self._known(db)
                journal.write(db, call=call, about="", answer=answer, credential=who, place=self.place_id, is_read=True)

    def _note_failure(self, call: str, *, about: str, error: CloudError) -> None:
        with writing(self.path) as db:
            answer = type(error).__name__
            journal.write(db, call=call, about=about, answer=answer, credential=self._known(db), place=self.place_id)

    def _known(self, db: sqlite3.Connection) -> str:
        """Whose key this is, though it may be good no longer; `unknown` where it is nobody's."""
        if not self.place_id:
            return ""
        row = db.execute(
            "SELECT id FROM credentials WHERE place_id = ? AND key = ?", (self.place_id, self.key)
        ).fetchone()
        return str(row["id"]) if row else journal.UNKNOWN

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """A file that cannot be opened is a cloud that does not answer."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(str(error)) from error


def new_id() -> str:
    """Of a call, as Nova gives one to each."""
    return f"fake-{uuid.uuid4()}"


def _error(planned: dict[str, Any]) -> CloudError:
    if planned["error"] == "Refused":
        return Refused(planned["detail"], reason=Reason(planned["reason"]), request_id="fake-request")
    return ERRORS[planned["error"]](planned["detail"], request_id="fake-request")
