"""What a cloud lists for everybody or for one tenant, such as images and flavors, into rows: few queries, whatever the
number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from dashboard.live.publish import publish
from dashboard.tenancy.models import Tenant

from .models import Cloud

M = TypeVar("M", bound=Model)
Seen = Iterable[tuple[Tenant | None, str, dict[str, Any]]]
"""Whose it is alone, what it is known by, and its other fields."""
MANY = 500
"""Rows per statement."""


def write(cloud: Cloud, known: QuerySet[M], seen: Seen, *, by: str) -> None:
    """`known` are the rows that the list is complete for, `by` their field that tells them apart. What is not listed
    any more is marked as gone, never deleted."""
    rows: dict[tuple[str, Any], Any] = {(getattr(row, by), getattr(row, "tenant_id", None)): row for row in known}
    new: dict[tuple[str, Any], M] = {}
    changed: dict[M, dict[str, Any]] = {}
    listed = set()
    for owner, word, fields in seen:
        key = (word, owner.pk if owner else None)
        listed.add(key)
        if key not in rows:
            new[key] = known.model(cloud=cloud, tenant=owner, **{by: word}, **fields)
        elif any(getattr(rows[key], name) != value for name, value in fields.items()):
            changed[rows[key]] = fields
    gone = [row.pk for key, row in rows.items() if key not in listed and not row.is_gone]
    if new:
        add(known.model, list(new.values()), by=by)
    change(known.model, changed)
    if known.model._default_manager.filter(pk__in=gone).update(is_gone=True) or new or changed:
        publish(None, "clouds", object_id=cloud.pk)


def add(model: type[M], new: Sequence[M], *, by: str) -> None:
    """One by one where another look, at the place of another tenant, was first with some of them."""
    rows = model._default_manager
    try:
        with transaction.atomic():
            rows.bulk_create(new, batch_size=MANY)
    except IntegrityError:
        for row in new:
            fields = {field.name: getattr(row, field.name) for field in row._meta.fields if not field.primary_key}
            about = {name: fields.pop(name) for name in ("cloud", "tenant", by)}
            rows.update_or_create(**about, defaults=fields)


def change(model: type[M], changed: dict[M, dict[str, Any]]) -> None:
    for row, fields in changed.items():
        for name, value in fields.items():
            setattr(row, name, value)
    if changed:
        names = sorted({name for fields in changed.values() for name in fields})
        model._default_manager.bulk_update(changed, names, batch_size=MANY)
