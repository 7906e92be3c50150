"""What the audit trail says of an operation: that it was asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from dashboard.audit.models import Entry
from dashboard.audit.record import entry_of
from dashboard.tenancy.access import SYSTEM, Actor, System

from .models import Operation


def asked_entry(
    operation: Operation,
    *,
    actor: Actor | System,
    outcome: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Entry:
    """Somebody asks for it, or for something about it."""
    return entry_of(
        operation.kind,
        actor=actor.name,
        on_behalf_of=actor.on_behalf_of,
        via="" if actor.on_behalf_of else actor.via,
        address=actor.address,
        before=before,
        after={**operation.arguments, **(after or {})},
        outcome=outcome,
        **_about(operation),
    )


def end_entry(operation: Operation, *, outcome: str) -> Entry:
    """What came of it, done by nobody but for whoever asked."""
    for_whom = operation.via if operation.requested_by_name == SYSTEM else operation.requested_by_name
    after = {"reason": operation.error_code} if operation.error_code else None
    return entry_of(
        operation.kind, actor=SYSTEM, on_behalf_of=for_whom, after=after, outcome=outcome, **_about(operation)
    )


class _About(TypedDict):
    tenant: str
    object_kind: str
    object_id: object
    object_name: str
    operation_id: object


def _about(operation: Operation) -> _About:
    return {
        "tenant": str(operation.tenant_id),
        "object_kind": operation.kind.partition(".")[0],
        "object_id": operation.target_id,
        "object_name": operation.target_name,
        "operation_id": operation.pk,
    }
