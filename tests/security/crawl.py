"""Rows full of somebody else's text, and every page that may show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.test import Client

from dashboard.tenancy.models import Tenant
from tests.addresses import url_of
from tests.matrix import MATRIX, TURNED_OFF

# Written by us alone, and looked up by its value: never text of a cloud or of a person.
OURS = {
    *("kind", "key", "role", "slug", "username", "password", "email", "to", "token_hash", "session_hash", "process"),
    *("chain", "head", "anchor", "previous", "digest", "tenant", "verb", "object_kind", "object_id", "operation_id"),
    *("outcome", "topic", "lease_owner", "error_code", "failure", "remote_id", "mark", "cursor", "clock", "life"),
    *("sealed", "user_data", "credential_id", "body", "cloud_name", "md5", "fingerprint", "public_key", "external_id"),
    *("network_id", "port_id", "instance_id", "external_network_id", "peer_group_id", "waiting_for", "task"),
    *("direction", "family", "protocol", "cidr", "gateway", "address", "fixed_address", "mac", "status", "ended_by"),
}
SHORTEST = 40


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    status: int
    kind: str
    text: str


def poisoned_fields(model: type[models.Model]) -> list[models.Field]:
    texts = [f for f in model._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)]
    free = [field for field in texts if not field.choices and field.name not in OURS]
    return [field for field in free if field.max_length is None or field.max_length >= SHORTEST]


def poison(payload: str, *, tenant: Tenant | None = None) -> int:
    """Every text of every row of ours (of `tenant`'s, where one is given) becomes `payload`. How many fields that were.

    The audit trail is left out: its texts are copies, and part of a chain.
    """
    changed = 0
    for model in apps.get_models():
        if not model.__module__.startswith("dashboard.") or model._meta.app_label in {"audit", "live"}:
            continue
        for row in rows_of(model, tenant):
            values = {field.name: text_for(field, row, payload) for field in poisoned_fields(model)}
            values |= lists_of(model, payload)
            if values:
                model.objects.filter(pk=row.pk).update(**values)
                changed += len(values)
    return changed


def rows_of(model: type[models.Model], tenant: Tenant | None) -> models.QuerySet:
    if tenant is None:
        return model._default_manager.all()
    names = {field.name for field in model._meta.concrete_fields}
    ways = {"tenant": "tenant", "instance": "instance__tenant", "operation": "operation__tenant"}
    way = next((path for name, path in ways.items() if name in names), None)
    if model._meta.label == "accounts.User":
        way = "memberships__tenant"
    return model._default_manager.filter(**{way: tenant}) if way else model._default_manager.none()


def text_for(field: models.Field, row: models.Model, payload: str) -> str:
    text = f"{str(row.pk)[-12:]}{payload}" if field.unique or field.name == "name" else payload
    return text[: field.max_length]


def lists_of(model: type[models.Model], payload: str) -> dict[str, Any]:
    if model._meta.label != "instances.Instance":
        return {}
    return {"tags": [payload[:60]], "metadata": {payload[:60]: payload}}


def urls(target: Any) -> dict[str, str]:
    """Of every page that somebody may get. Whatever row each needs is made."""
    names = [name for name, row in MATRIX.items() if row.get("get", TURNED_OFF) is not TURNED_OFF]
    return {name: url_of(name, target) for name in names}


def pages(client: Client, found: dict[str, str]) -> Iterator[Page]:
    """Whole, and as the part that HTMX asks for."""
    for name, url in found.items():
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(url, headers=headers)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            kind = answer.headers.get("Content-Type", "").partition(";")[0]
            yield Page(name, url, answer.status_code, kind, body.decode(errors="replace"))
