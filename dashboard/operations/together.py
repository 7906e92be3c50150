"""Many operations of one kind that are asked for at once, in as many queries as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.audit.record import append
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish_all
from dashboard.tenancy.access import Actor

from .entries import asked_entry
from .flow import FLOWS, AlreadyUnderWay, ring, topic_of
from .models import Batch, Operation, Step

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One of them. `arguments` never hold a secret; `key` makes it the same request however often it is sent."""

    target_id: UUID
    target_name: str
    key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    """What is asked for in words, for the audit trail."""


def start_all(
    kind: str, *, actor: Actor, cloud: Cloud, asked: Sequence[Asked], batch: Batch | None = None
) -> list[Operation]:
    """Write operations, steps, audit entries and events; ring after the commit. As `flow.start` for each.

    Part of the caller's transaction, after its quota. Raises AlreadyUnderWay when another
    operation is open on one of the targets, or a key is used.
    """
    operations = [_operation(kind, one, actor=actor, cloud=cloud, batch=batch) for one in asked]
    try:
        with transaction.atomic():
            Operation.objects.bulk_create(operations)
    except IntegrityError as error:
        raise AlreadyUnderWay from error
    Step.objects.bulk_create(step for operation in operations for step in _steps(operation))
    publish_all(topic_of(kind), [(operation.tenant_id, operation.target_id) for operation in operations])
    append(
        [
            asked_entry(operation, actor=actor, outcome="accepted", after=one.after)
            for operation, one in zip(operations, asked, strict=True)
        ]
    )
    log.info("accepted", kind=kind, count=len(operations), by=actor.user.username)
    for operation in operations:
        transaction.on_commit(lambda pk=operation.pk: ring(pk), robust=True)  # type: ignore[misc]
    return operations


def _operation(kind: str, asked: Asked, *, actor: Actor, cloud: Cloud, batch: Batch | None) -> Operation:
    return Operation(
        tenant=actor.tenant,
        cloud=cloud,
        kind=kind,
        target_id=asked.target_id,
        target_name=asked.target_name[:255],
        batch=batch,
        arguments=dict(asked.arguments),
        key=asked.key,
        requested_by=actor.user,
        requested_by_name=actor.user.username,
        deadline_at=timezone.now() + timedelta(seconds=settings.OPERATION_DEADLINE_S),
        ring_after=Now() + timedelta(seconds=5),
    )


def _steps(operation: Operation) -> list[Step]:
    wanted = [step for step in FLOWS[operation.kind].steps if not step.wants or operation.arguments.get(step.wants)]
    return [Step(operation=operation, position=position, name=step.name) for position, step in enumerate(wanted)]
