"""The images of the fake cloud."""

from __future__ import annotations

from collections.abc import Iterable

from ...interface import RemoteImage
from .calls import Calls
from .mapping import to_image


class FakeImages:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def list(self) -> Iterable[RemoteImage]:
        with self.calls.read("images") as db:
            rows = db.execute("SELECT * FROM images WHERE place_id IN ('', ?) ORDER BY name", (self.calls.place_id,))
            return [to_image(row) for row in rows]
