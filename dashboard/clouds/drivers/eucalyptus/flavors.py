"""The sizes that a cloud offers. Its administrator may change them at any time, and instances name theirs only."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping

from ...interface import RemoteFlavor, Unavailable
from .errors import understood
from .mapping import to_flavor
from .markup import items
from .session import Session

FRESH_S, AGAIN_S = 300.0, 30.0


class EucalyptusFlavors:
    """Keeps them for a while: each list of instances needs them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._lock = threading.Lock()
        self._kept: dict[str, RemoteFlavor] = {}
        self._read_at = -FRESH_S

    def list(self) -> tuple[RemoteFlavor, ...]:
        """As the cloud has them now. boto3 would read this answer as an empty list; an empty one is none at all."""
        with understood():
            content = self.session.ec2("DescribeInstanceTypes")
            found = tuple(to_flavor(raw) for raw in items(content, "instanceTypeDetails/item"))
        if not found:
            raise Unavailable("the cloud told no instance types", source="ec2")
        with self._lock:
            self._kept, self._read_at = {flavor.id: flavor for flavor in found}, time.monotonic()
        return found

    def known(self, names: Collection[str]) -> Mapping[str, RemoteFlavor]:
        """Also of types that have come since they were read; those that the cloud does not offer are not in it."""
        age_s = time.monotonic() - self._read_at
        if age_s > FRESH_S or (age_s > AGAIN_S and not set(names) <= set(self._kept)):
            self.list()
        return self._kept
