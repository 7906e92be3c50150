"""The way into the fake cloud: first the faults that are planned, then the work, then the journal."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...interface import AuthFailed, CloudError, Conflict, NotFound, Reason, Refused, Unavailable
from . import journal
from .faults import take
from .store import reading, settle, writing

ERRORS: dict[str, type[CloudError]] = {
    error.__name__: error for error in (CloudError, Unavailable, NotFound, Conflict, Refused, AuthFailed)
}


class Calls:
    def __init__(self, path: str) -> None:
        self.path = path

    @contextmanager
    def read(self, call: str) -> Iterator[sqlite3.Connection]:
        with self._answering():
            self.suffer(call)
            settle(self.path, now=time.time())
            with reading(self.path) as db:
                yield db

    @contextmanager
    def write(self, call: str, *, about: str) -> Iterator[sqlite3.Connection]:
        """One transaction of work with its entry in the journal, whatever comes of it."""
        with self._answering():
            try:
                self.suffer(call)
                settle(self.path, now=time.time())
                lost = take(self.path, kind="lose-answer", call=call) is not None
                with writing(self.path) as db:
                    yield db
                    journal.write(db, call=call, about=about, answer="lost" if lost else journal.DONE)
            except CloudError as error:
                self._note_failure(call, about=about, error=error)
                raise
            self._answer_late(call, lost=lost)

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

    def _note_failure(self, call: str, *, about: str, error: CloudError) -> None:
        with writing(self.path) as db:
            journal.write(db, call=call, about=about, answer=type(error).__name__)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """A file that cannot be opened is a cloud that does not answer."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(str(error)) from error


def _error(planned: dict[str, Any]) -> CloudError:
    if planned["error"] == "Refused":
        return Refused(planned["detail"], reason=Reason(planned["reason"]), request_id="fake-request")
    return ERRORS[planned["error"]](planned["detail"], request_id="fake-request")
