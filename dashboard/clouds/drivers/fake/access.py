"""Keys of people into places on the fake cloud. They let in exactly as a tenant's own credential does."""

from __future__ import annotations

from ...interface import IssuedKey
from .calls import Calls
from .places import find, insert_key

ENDED = "UPDATE credentials SET is_revoked = 1 WHERE place_id = ? AND person != ''"


class FakeAccess:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def issue(self, place_id: str, *, person: str, mark: str, label: str) -> IssuedKey:
        with self.calls.write("issue_key", about=mark) as db:
            find(db, place_id)
            db.execute(f"{ENDED} AND person = ? AND mark = ?", (place_id, person, mark))
            made = insert_key(db, place_id, label=label, person=person, mark=mark)
            return IssuedKey(id=made.id, secret=made.settings)

    def revoke(self, place_id: str, *, person: str, mark: str) -> None:
        with self.calls.write("revoke_key", about=mark) as db:
            db.execute(f"{ENDED} AND person = ? AND mark = ?", (place_id, person, mark))

    def end(self, place_id: str, *, person: str) -> None:
        with self.calls.write("end_keys", about=person) as db:
            db.execute(f"{ENDED} AND person = ?", (place_id, person))

    def end_all(self, place_id: str) -> None:
        with self.calls.write("end_all_keys", about=place_id) as db:
            db.execute(ENDED, (place_id,))
