"""The sizes that a cloud offers."""

from __future__ import annotations

from collections.abc import Iterator

from ...interface import RemoteFlavor
from .errors import translated
from .mapping import to_flavor
from .paging import by_marker
from .session import Session

READ = "2.61"
"""The first with extra specs in the list."""


class OpenStackFlavors:
    def __init__(self, session: Session) -> None:
        self.session = session

    def list(self) -> Iterator[RemoteFlavor]:
        """Those that the credential may use; with an administrator's, those of single projects too."""
        rows = by_marker(
            self.session, "/flavors/detail", key="flavors", params={"is_public": "none"}, microversion=READ
        )
        with translated("nova"):
            for flavor in rows:
                yield to_flavor(flavor)
