"""Use as a table in a file: hours to read, and the seconds from which they are reckoned."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .prices import gib_hours, hours, rounded
from .reading import UNITS, Days
from .statement import Line

HOURS = ("instance_hours", "vcpu_hours", "memory_gib_hours", "disk_gib_hours")
SECONDS = ("instance_seconds", "vcpu_seconds", "memory_mib_seconds", "disk_gib_seconds")
PLACES = 6
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection")."""
AT_ONCE = 31
MARK = "\ufeff"
"""Of the encoding: without it spreadsheets misread names."""


def cell(text: str) -> str:
    return f"'{text}" if text.startswith(RISKY) else text


def header(labels: Sequence[str], currencies: Sequence[str]) -> str:
    return MARK + table([[*labels, *HOURS, *SECONDS, *(f"cost_{currency}" for currency in currencies)]])


def row(labels: Iterable[str], line: Line, currencies: Sequence[str]) -> list[str]:
    use = line.use
    shown = [hours(use.instance_s, PLACES), hours(use.vcpu_s, PLACES), gib_hours(use.ram_mib_s, PLACES)]
    costs = [rounded(line.money[name], PLACES) if name in line.money else "" for name in currencies]
    return [
        *(cell(label) for label in labels),
        *map(str, (*shown, hours(use.disk_gib_s, PLACES))),
        *(str(getattr(use, name)) for name in UNITS),
        *map(str, costs),
    ]


def table(rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def months(days: Days) -> Iterator[Days]:
    """A file of a year is written a month at a time: the same memory for ten days and for four hundred."""
    every = list(days)
    for start in range(0, len(every), AT_ONCE):
        some = every[start : start + AT_ONCE]
        yield Days(some[0], some[-1])
