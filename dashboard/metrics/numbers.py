"""Measurements as bytes: two for each, with three and a half digits, and a word for "nobody knows".

A rate may be anything from a byte to a terabyte in a second, so what is kept is its logarithm: each step is 0.04 %,
and zero is zero.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence

NAMES = ("cpu", "memory", "disk_read", "disk_write", "net_rx", "net_tx")
"""In this order everywhere: percent of the instance's vCPUs, MiB, and four times bytes in a second."""

Number = float | None
"""None is a gap: it was not measured, or the cloud does not tell it."""
Numbers = Sequence[Number]

BYTES = 2
STEPS = 2300
GAP = 0xFFFF


def pack(numbers: Iterable[Number]) -> bytes:
    words = [GAP if number is None else min(GAP - 1, round(math.log1p(number) * STEPS)) for number in numbers]
    return struct.pack(f"<{len(words)}H", *words)


def unpack(data: bytes) -> list[Number]:
    words = struct.unpack(f"<{len(data) // BYTES}H", data)
    return [None if word == GAP else math.expm1(word / STEPS) for word in words]


def gaps(count: int) -> bytes:
    return b"\xff" * (BYTES * count)


def mean(numbers: Iterable[Number]) -> Number:
    """Of those that are known; None where none is."""
    known = [number for number in numbers if number is not None]
    return sum(known) / len(known) if known else None


def peak(numbers: Iterable[Number]) -> Number:
    return max((number for number in numbers if number is not None), default=None)
