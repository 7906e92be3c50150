"""The sizes of the fake cloud."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ...interface import Reason, Refused, RemoteFlavor
from .calls import Calls
from .mapping import to_flavor


class FakeFlavors:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def list(self) -> Iterable[RemoteFlavor]:
        with self.calls.read("flavors") as db:
            return [to_flavor(row) for row in db.execute("SELECT * FROM flavors ORDER BY vcpus, ram_mib, id")]


def find_flavor(db: sqlite3.Connection, flavor_id: str) -> RemoteFlavor:
    row = db.execute("SELECT * FROM flavors WHERE id = ?", (flavor_id,)).fetchone()
    if row is None:
        raise Refused(f"Flavor {flavor_id} could not be found.", reason=Reason.INVALID, source="fake", http_status=400)
    return to_flavor(row)
