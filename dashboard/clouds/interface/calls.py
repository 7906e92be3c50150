"""The ids that a cloud gave to the calls which one piece of work made: by them its logs can be searched.

with noting_calls() as calls:
    driver.compute.start(...)     the driver says note_call("req-...", source="nova", changes=True) on the way
calls                             what was noted, oldest first, also when it ended in an error
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

NOT_IN_AN_ID = re.compile(r"[^\w.:/-]")
LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was answered, be it with an error. `source` is the part of the cloud, such as `nova`."""

    id: str
    source: str = ""
    changes: bool = False
    """It was to change something; else it only looked."""


_noted: ContextVar[list[Call] | None] = ContextVar("calls of a cloud", default=None)


@contextmanager
def noting_calls() -> Iterator[list[Call]]:
    """Of this thread, or task, only. A list within another one keeps its calls to itself."""
    calls: list[Call] = []
    token = _noted.set(calls)
    try:
        yield calls
    finally:
        _noted.reset(token)


def note_call(request_id: str, *, source: str = "", changes: bool = False) -> None:
    """For drivers. Nothing happens where nobody listens, or where the cloud gave no id."""
    calls = _noted.get()
    if calls is not None and request_id:
        calls.append(Call(NOT_IN_AN_ID.sub("", request_id)[:LONGEST_ID], source, changes))
