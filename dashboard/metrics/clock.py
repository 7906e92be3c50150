"""Whether this machine's clock was set between two looks at it: rates are reckoned by it.

The machine also counts the time since its boot, which nobody sets. When both do not go on alike, the clock jumped.
"""

from __future__ import annotations

import time

from dashboard.operations.presence import host

MOST_S = 2.0
"""What a clock may be slewed by in a few minutes (ntpd and chronyd set it only beyond that)."""


def reading() -> str:
    """Which machine's clock it is, and by how much it differs from the time since boot."""
    return f"{host()} {time.time() - time.clock_gettime(time.CLOCK_BOOTTIME):.3f}"


def has_jumped(before: str, now: str) -> bool:
    """False where it cannot be told: between machines, and over a boot."""
    machine, _, offset = before.rpartition(" ")
    other, _, later = now.rpartition(" ")
    return bool(machine) and machine == other and abs(float(later) - float(offset)) > MOST_S
