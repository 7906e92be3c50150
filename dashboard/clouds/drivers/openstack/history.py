"""What happened while we did not look.

The cursor is a time by the cloud's own clock: the `Date` of an answer, less what the answer took and less an overlap.
Nova keeps whole seconds, and several machines write them; an overlap shows a few servers twice and loses none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from ...interface import Changes, RemoteAction, RemoteInstance
from .errors import translated
from .mapping import to_time
from .servers import Servers, path_of
from .session import Session

ACTIONS = "2.51"
OVERLAP = timedelta(seconds=15)


class OpenStackHistory:
    def __init__(self, session: Session, *, saw: Callable[[Iterable[RemoteInstance]], None]) -> None:
        self.session = session
        self.servers = Servers(session)
        self.saw = saw

    def changes(self, cursor: str) -> Changes:
        """Those that are gone are in Nova's answer, for as long as its operator keeps the rows.

        A cell that is down is left out without a word: what changed in it shows in the next full list.
        """
        clock = Clock()
        params = {"changes-since": cursor} if cursor else {}
        found = tuple(self.servers.list(on_answer=clock.read, **params))
        self.saw(found)
        return Changes(instances=found, cursor=clock.cursor)

    def actions(self, remote_id: str) -> tuple[RemoteAction, ...]:
        path = f"{path_of(remote_id)}/os-instance-actions"
        with translated("nova"):
            rows = self.session.get("compute", path, microversion=ACTIONS)["instanceActions"]
            found = (to_action(row) for row in rows)
            return tuple(sorted(found, key=lambda action: action.started_at, reverse=True))


class Clock:
    """The cloud's clock, read off its first answer."""

    def __init__(self) -> None:
        self.asked_at = time.monotonic()
        self.began_at: datetime | None = None

    def read(self, headers: Mapping[str, str]) -> None:
        if self.began_at is None:
            took = timedelta(seconds=time.monotonic() - self.asked_at)
            self.began_at = _date(headers) - took

    @property
    def cursor(self) -> str:
        began_at = self.began_at or datetime.now(UTC)
        return (began_at - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _date(headers: Mapping[str, str]) -> datetime:
    """Our own clock where the answer has no Date (RFC 9110, 6.6.1: only servers without a clock leave it out)."""
    try:
        return parsedate_to_datetime(headers["Date"]).replace(tzinfo=UTC)  # always GMT
    except (KeyError, ValueError):
        return datetime.now(UTC)


def to_action(row: Mapping[str, Any]) -> RemoteAction:
    return RemoteAction(
        id=row["request_id"],
        name=row["action"],
        started_at=to_time(row["start_time"]),
        by=row["user_id"] or "",
        message=row["message"] or "",
    )
