"""Which process this is, and whether the one that held a lease still lives."""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def host() -> str:
    """This machine, told apart from others with the same name by its boot."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        boot = ""
    return f"{socket.gethostname()[:64]}#{boot}"


def started(pid: int) -> str:
    """When a process of this machine started, in clock ticks since boot; empty when there is none.

    A pid alone proves nothing: it may have been given to another process since. A zombie is dead.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def owner() -> str:
    """The name under which this process holds leases."""
    return f"{host()}/{os.getpid()}/{started(os.getpid())}"


def is_dead(name: str) -> bool:
    """Whether the owner of a lease was a process of this machine that is no more. False when it cannot be told."""
    where, pid, start = [*name.split("/"), "", ""][:3]
    if where != host() or not pid.isdigit() or not start:
        return False
    return started(int(pid)) != start
