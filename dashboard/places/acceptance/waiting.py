"""Looking again until it is so, or the patience is over."""

from __future__ import annotations

import time
from collections.abc import Iterator

PAUSE_S = 2.0


def looks(within_s: float) -> Iterator[None]:
    """One turn for each look, the first at once; the last one when the time is over."""
    ends_at = time.monotonic() + within_s
    yield
    while time.monotonic() < ends_at:
        time.sleep(PAUSE_S)
        yield


def several(times: int) -> Iterator[None]:
    """So many looks."""
    for look in range(times):
        if look:
            time.sleep(PAUSE_S)
        yield
