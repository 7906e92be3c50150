"""Pages that are found by key: the last costs what the first does, and rows that come and go move nothing.

Rows are annotated with `key`, a text or a time that the order compares; those with the same key go by their id.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

M = TypeVar("M", bound=Model)
PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[M]):
    """`before` and `after` are cursors to the pages beside it; empty where there is none."""

    rows: Sequence[M]
    total: int
    before: str
    after: str


def page_of(found: QuerySet[M], *, after: str = "", before: str = "", falling: bool = False, of: type = str) -> Page[M]:
    """Two queries. A cursor that is none of ours leads to the first page; `of` is what keys are: str or datetime."""
    edge = read_cursor(before or after, of=of)
    backwards = bool(before and edge)
    ordered = found
    if edge:
        key, pk = edge
        way = "lt" if falling != backwards else "gt"
        ordered = found.filter(Q(**{f"key__{way}": key}) | Q(key=key, **{f"pk__{'lt' if backwards else 'gt'}": pk}))
    order = ("-" if falling != backwards else "") + "key", ("-" if backwards else "") + "pk"
    taken = list(ordered.order_by(*order)[: PER_PAGE + 1])
    more, taken = len(taken) > PER_PAGE, taken[:PER_PAGE]
    taken = taken[::-1] if backwards else taken
    return Page(
        rows=taken,
        total=found.count(),
        before=cursor_of(taken[0]) if taken and (more if backwards else bool(edge)) else "",
        after=cursor_of(taken[-1]) if taken and (more or backwards) else "",
    )


def cursor_of(row: Any) -> str:
    key = row.key.isoformat() if isinstance(row.key, datetime) else row.key
    return base64.urlsafe_b64encode(json.dumps([key, row.pk]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *, of: type) -> tuple[Any, int] | None:
    """None for one of another order, and for nonsense."""
    try:
        key, pk = json.loads(base64.urlsafe_b64decode(cursor[:2000] + "=" * (-len(cursor[:2000]) % 4)))
    except (ValueError, TypeError):
        return None
    if not isinstance(key, str) or type(pk) is not int or "\0" in key or abs(pk) >= 2**63:
        return None
    if of is str:
        return key, pk
    try:
        moment = parse_datetime(key)
    except ValueError:
        return None
    return (moment, pk) if moment is not None and moment.tzinfo else None
