"""What servers can boot from: Glance's images, and snapshots of servers among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...interface import RemoteImage
from .errors import translated
from .mapping import to_image
from .paging import by_next
from .session import Session

PAGE = 200


class OpenStackImages:
    def __init__(self, session: Session, *, is_place: bool) -> None:
        self.session = session
        self.is_place = is_place

    def list(self) -> Iterator[RemoteImage]:
        """Public ones, the project's own, and shared ones that the project accepted; only those that are active."""
        rows = by_next(self.session, "/images", key="images", params={"status": "active", "limit": PAGE})
        with translated("glance"):
            for image in rows:
                if self.is_offered(image):
                    yield to_image(image)

    def is_offered(self, image: Mapping[str, Any]) -> bool:
        """An administrator's credential sees every project's images; they are not to be offered to others."""
        return self.is_place or image["visibility"] == "public" or image["owner"] == self.session.project_id
