"""Which of a step's calls to a cloud its row keeps: a step that looks every second for an hour makes thousands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dashboard.clouds.interface import Call

CHANGES_KEPT = 20
LOOKS_KEPT = 3


def kept(known: list[dict[str, Any]], new: Iterable[Call]) -> list[dict[str, Any]]:
    """All that were to change something, up to a limit, and the last that only looked; in their order."""
    calls = [*known, *map(asdict, new)]
    keep = [
        *[number for number, call in enumerate(calls) if call["changes"]][-CHANGES_KEPT:],
        *[number for number, call in enumerate(calls) if not call["changes"]][-LOOKS_KEPT:],
    ]
    return [calls[number] for number in sorted(keep)]
