"""Nova's servers: looking at them. Each call is pinned to the lowest microversion that serves.

Why 2.69 for reading: below it Nova leaves out the servers of a cell that is down, without a word, and answers 200.
From 2.69 on they are in the list, as rows with hardly more than an id; but only where nothing is filtered, sorted or
paged (nova/api/openstack/compute/servers.py, `_is_cell_down_supported`). So a list's first page is asked for bare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ...interface import NotFound, RemoteInstance
from .errors import translated
from .mapping import TAG, to_instance
from .paging import OnAnswer, by_marker
from .session import Session

READ = "2.69"


class Servers:
    """Reading, and the one way in which all verbs are asked."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def list(self, *, on_answer: OnAnswer | None = None, **params: str) -> Iterator[RemoteInstance]:
        rows = by_marker(
            self.session, "/servers/detail", key="servers", params=params, microversion=READ, on_answer=on_answer
        )
        with translated("nova"):
            for server in rows:
                yield to_instance(server)

    def raw(self, remote_id: str) -> dict[str, Any]:
        with translated("nova"):
            answer = self.session.get("compute", path_of(remote_id), microversion=READ)
            found: dict[str, Any] = answer["server"]
            return found

    def get(self, remote_id: str) -> RemoteInstance:
        with translated("nova"):
            return to_instance(self.raw(remote_id))

    def tagged(self, instance_id: str) -> tuple[RemoteInstance, ...]:
        """Those with our tag and our mark. Nova knows the tag from the moment it accepted the create."""
        found = self.list(tags=TAG + instance_id)
        return tuple(one for one in found if one.mark and one.mark.instance_id == instance_id)

    def act(
        self, remote_id: str, verb: str, argument: Mapping[str, Any] | None = None, *, microversion: str = "2.1"
    ) -> dict[str, Any]:
        """One of Nova's server actions; the answer's body, {} where it has none."""
        path = f"{path_of(remote_id)}/action"
        return self.session.post("compute", path, json={verb: argument}, microversion=microversion)


def path_of(remote_id: str) -> str:
    """Raises NotFound for what would be another path than a server's."""
    if not remote_id or remote_id.strip(".") == "":
        raise NotFound("no such server", source="nova")
    return f"/servers/{quote(remote_id, safe='')}"
