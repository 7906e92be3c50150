"""What a cloud lists for everybody or for one tenant, such as images and flavors, into rows: few queries, whatever the
number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from dashboard.live.publish import publish
from dashboard.tenancy.models import Tenant

from .models import Cloud

M = TypeVar("M", bound=Model)
Fields = dict[str, Any]
Seen = Iterable[tuple[Tenant | None, str, Fields]]
"""Whose it is alone, what it is known by, and its other fields."""
MANY = 500
"""Rows per statement."""
TRIES = 3


def write(cloud: Cloud, known: QuerySet[M], seen: Seen, *, by: str) -> None:
    """`known` are the rows that the list is complete for, `by` their field that tells them apart. What is not listed
    any more is marked as gone, never deleted. Again where the look at another tenant's place was first."""
    listed = {(word, owner.pk if owner else None): (owner, fields) for owner, word, fields in seen}
    for _ in range(TRIES - 1):
        with suppress(IntegrityError):
            return write_once(cloud, known, listed, by=by)
    return write_once(cloud, known, listed, by=by)


def write_once(
    cloud: Cloud, known: QuerySet[M], listed: Mapping[tuple[str, Any], tuple[Tenant | None, Fields]], *, by: str
) -> None:
    rows: dict[tuple[str, Any], Any] = {(getattr(row, by), getattr(row, "tenant_id", None)): row for row in known.all()}
    # two looks have this order in common, or each would wait for the other
    new = [
        known.model(cloud=cloud, tenant=owner, **{by: key[0]}, **fields)
        for key, (owner, fields) in sorted(listed.items(), key=lambda one: str(one[0]))
        if key not in rows
    ]
    changed = {
        rows[key]: fields
        for key, (_owner, fields) in listed.items()
        if key in rows and any(getattr(rows[key], name) != value for name, value in fields.items())
    }
    gone = [row.pk for key, row in rows.items() if key not in listed and not row.is_gone]
    if new:
        known.model._default_manager.bulk_create(new, batch_size=MANY)
    if changed:
        change(known.model, changed)
    if known.model._default_manager.filter(pk__in=gone).update(is_gone=True) or new or changed:
        publish(None, "clouds", object_id=cloud.pk)


def change(model: type[M], changed: Mapping[M, Fields]) -> None:
    names = sorted({name for fields in changed.values() for name in fields})
    with transaction.atomic():
        locked = model._default_manager.select_for_update().filter(pk__in=[row.pk for row in changed]).order_by("pk")
        rows = {row.pk: row for row in locked}
        for row, fields in changed.items():
            for name, value in fields.items():
                setattr(rows.get(row.pk, row), name, value)
        model._default_manager.bulk_update(rows.values(), names, batch_size=MANY)
