"""The entries of a list as a file, oldest first, a thousand at a time: the same memory for ten and for a million."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from dashboard.audit.models import Entry

from .listing import behind
from .tenants import Named, tenants_of

AT_ONCE = 1000
COLUMNS = (
    *("number", "at", "actor", "on_behalf_of", "via", "address", "tenant", "tenant_id", "verb"),
    *("object_kind", "object_id", "object_name", "outcome", "operation_id", "before", "after"),
    *("chain", "version", "previous", "digest"),
)
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection")."""


def entries_of(found: QuerySet[Entry]) -> Iterator[list[Entry]]:
    """What is written while the file is, comes last."""
    found = found.order_by("at", "id")
    some = list(found[:AT_ONCE])
    while some:
        yield some
        some = list(found.filter(behind((some[-1].at, some[-1].pk), way="gt"))[:AT_ONCE])


def values_of(entry: Entry, tenants: dict[str, Named]) -> dict[str, Any]:
    tenant = tenants.get(entry.tenant)
    values = {name: getattr(entry, name) for name in COLUMNS if name not in {"tenant", "tenant_id"}}
    values |= {"at": entry.at.isoformat(), "tenant": tenant.slug if tenant else "", "tenant_id": entry.tenant}
    return {name: values[name] for name in COLUMNS}


def as_lines(found: QuerySet[Entry]) -> Iterator[str]:
    """JSON, an entry in each line, with all that its digest is made of."""
    for some in entries_of(found):
        tenants = tenants_of(some)
        yield "".join(json.dumps(values_of(entry, tenants), ensure_ascii=False) + "\n" for entry in some)


def as_table(found: QuerySet[Entry]) -> Iterator[str]:
    yield table([COLUMNS])
    for some in entries_of(found):
        tenants = tenants_of(some)
        yield table([cell(value) for value in values_of(entry, tenants).values()] for entry in some)


def table(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def cell(value: Any) -> str:
    """Never a formula."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(RISKY) else text


FORMS: dict[str, tuple[Callable[[QuerySet[Entry]], Iterator[str]], str]] = {
    "csv": (as_table, "text/csv; charset=utf-8"),
    "jsonl": (as_lines, "application/jsonl; charset=utf-8"),
}
