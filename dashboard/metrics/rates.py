"""From two looks at the counters of an instance to what it used in between, or to nothing where that is not known."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.clouds.interface import RemoteUsage

from .numbers import Number

Counters = Sequence[int | None]
"""Nanoseconds of processor time; bytes read, written, received, sent."""


def counters_of(usage: RemoteUsage) -> list[int | None]:
    disk = (usage.disk_read_bytes, usage.disk_write_bytes)
    return [usage.cpu_ns, *disk, usage.net_rx_bytes, usage.net_tx_bytes]


def rates(before: Counters, now: Counters, *, seconds: float, vcpus: int) -> list[Number]:
    """Percent of all vCPUs together, and bytes in a second.

    A processor time that fell was begun anew, and with it all the rest, though some of that may have overtaken by
    now. Where only another one fell, a disk or card was taken out.
    """
    if before[0] is not None and now[0] is not None and now[0] < before[0]:
        return [None] * len(now)
    cpu, *others = (rate(then, later, seconds=seconds) for then, later in zip(before, now, strict=True))
    return [None if cpu is None else cpu / 1e9 / max(1, vcpus) * 100, *others]


def rate(before: int | None, now: int | None, *, seconds: float) -> Number:
    return None if before is None or now is None or now < before else (now - before) / seconds
