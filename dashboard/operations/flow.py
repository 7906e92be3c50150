"""How an operation runs: claimed by one worker at a time, step by step, never lost, never doubled.

The row is the queue and the outbox. A message carries only the row's id and may be lost,
late or tripled: `claim` is one conditional UPDATE, and whoever finds no row goes away. Each
later write names the fence of its claim; a worker that slept past its lease writes nothing.

    start ──▶ queued ──claim──▶ running ──▶ done
                 ▲                 │  └─────▶ (undo) ──▶ failed
                 └── waiting ◀─────┘  Wait, or the cloud does not answer

A wait is `due_at` in the row. The reconciler rings for every row that wants attention.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError

from dashboard.audit.record import append
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.tenancy.access import Actor, System
from dashboard.tenancy.models import Tenant

from .entries import asked_entry, end_entry
from .models import OPEN, Batch, Operation, State, Step
from .recovery import Recovery
from .stuck import UNTAKEN

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a step returns when the cloud is still at work: look again in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDefinition:
    """One step. `run` asks a cloud or looks at it, and may be called again at any time.

    Where `undo` is given and the step is refused, the operation goes on with that step,
    until nothing is left of it, and ends as failed.
    """

    name: str
    run: Callable[[Operation], Wait | None]
    undo: StepDefinition | None = None
    wants: str = ""
    """An argument of the operation without which there is no such step."""
    again: str = ""
    """The step with which it is resumed when this one saw that the cloud did otherwise; empty: this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The steps of one kind of operation, and what to write in the transaction that ends it."""

    kind: str
    steps: tuple[StepDefinition, ...]
    on_done: Callable[[Operation], None]
    on_failed: Callable[[Operation], None]
    topic: str = ""
    """What browsers listen to; empty: the plural of what it works on, such as `instances`."""
    recovery: Recovery = field(default_factory=Recovery)


FLOWS: dict[str, Flow] = {}


def register(flow: Flow) -> None:
    FLOWS[flow.kind] = flow


class StepFailed(Exception):
    """A step saw that the operation cannot succeed. `code` is one of failures.py, `detail` the cloud's own words."""

    def __init__(self, code: str, *, detail: str = "", values: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.values = dict(values or {})


class AlreadyUnderWay(Exception):
    """Another operation works on this target."""


# --- asking ---------------------------------------------------------------------


def start(
    kind: str,
    *,
    actor: Actor | System,
    cloud: Cloud,
    target_id: UUID,
    target_name: str,
    key: str,
    arguments: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    batch: Batch | None = None,
    rolls_back: Operation | None = None,
) -> Operation:
    """Write the operation, its steps, its audit entry; ring after the commit. `batch`: what it is asked together with.

    Its audit entry says what was there `before`, and the arguments, which never hold a secret, with what they mean
    in words (`after`).
    Part of the caller's transaction, after its quota. Raises AlreadyUnderWay when another
    operation is open on the target, or when the key is used: look the key up first.
    """
    arguments = dict(arguments or {})
    try:
        with transaction.atomic():
            operation = Operation.objects.create(
                tenant=actor.tenant,
                cloud=cloud,
                kind=kind,
                target_id=target_id,
                target_name=target_name[:255],
                arguments=arguments,
                batch=batch,
                rolls_back=rolls_back,
                key=key,
                requested_by=actor.user,
                requested_by_name=actor.name,
                via=actor.via,
                deadline_at=new_deadline(),
                slow_at=timezone.now() + UNTAKEN,
                ring_after=Now() + timedelta(seconds=5),
            )
    except IntegrityError as error:
        raise AlreadyUnderWay from error
    Step.objects.bulk_create(
        Step(operation=operation, position=position, name=step.name)
        for position, step in enumerate(planned(kind, arguments))
    )
    ring_after_commit(operation, actor=actor, outcome="accepted", before=before, after=after)
    return operation


def ring_after_commit(
    operation: Operation,
    *,
    actor: Actor | System,
    outcome: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """The audit entry of what was asked for, and the bell for a worker. The last of the caller's transaction."""
    append([asked_entry(operation, actor=actor, outcome=outcome, before=before, after=after)])
    log.info(outcome, kind=operation.kind, operation=str(operation.pk), target=str(operation.target_id), by=actor.name)
    transaction.on_commit(lambda: ring(operation.pk), robust=True)


def planned(kind: str, arguments: Mapping[str, Any]) -> list[StepDefinition]:
    """The steps of an operation with these arguments."""
    return [step for step in FLOWS[kind].steps if not step.wants or arguments.get(step.wants)]


def new_deadline() -> datetime:
    return timezone.now() + timedelta(seconds=settings.OPERATION_DEADLINE_S)


def cancel(operation: Operation, *, by: Actor | None = None) -> None:
    """Give an open operation up, in the caller's transaction. A worker that has it finds its fence too old.

    `by` cancelled it; without anybody it had to give way. Raises LeaseLost when it is over already.
    """
    now = timezone.now()
    given_up = Operation.objects.filter(pk=operation.pk, state__in=OPEN).update(
        state=State.CANCELLED, finished_at=now, fence=F("fence") + 1, waiting_since=None, slow_at=None
    )
    if by is not None and not given_up:
        raise LeaseLost
    Step.objects.filter(operation=operation, state__in=(Step.State.RUNNING, Step.State.WAITING)).update(
        state=Step.State.FAILED, finished_at=now
    )
    tell_bell(operation)
    cancelled = "cancelled"
    append([asked_entry(operation, actor=by, outcome=cancelled) if by else end_entry(operation, outcome=cancelled)])


def ring(operation_id: UUID) -> None:
    """Tell a worker. Losing this is harmless, so a broker that is away is no error."""
    try:
        current_app.send_task("operations.advance", (str(operation_id),), retry=False)
    except (OperationalError, OSError) as error:
        log.warning("broker did not take a message; the reconciler will ring again", error=str(error))
        untaken = Operation.objects.filter(pk=operation_id, state=State.QUEUED, waiting_for="")
        untaken.update(waiting_for="broker-away", waiting_since=timezone.now())


def wake(*target_ids: UUID) -> None:
    """Something was seen that an open operation may wait for: let it look now."""
    waiting = Operation.objects.filter(target_id__in=target_ids, state=State.WAITING)
    for pk in waiting.values_list("pk", flat=True):
        if waiting.filter(pk=pk).update(due_at=Now(), ring_after=Now() + timedelta(seconds=5)):
            transaction.on_commit(lambda pk=pk: ring(pk), robust=True)  # type: ignore[misc]


def wake_all(cloud: Cloud, *, tenant: Tenant | None = None) -> None:
    """The cloud, or one tenant's place on it, answers again: let everything that waited for it look now."""
    waiting = Operation.objects.filter(cloud=cloud, state=State.WAITING).exclude(waiting_for="")
    if tenant is not None:
        waiting = waiting.filter(tenant=tenant)
    waiting.update(due_at=Now(), ring_after=Now(), failures=0)


# --- the lease ------------------------------------------------------------------


class LeaseLost(Exception):
    """Somebody else has the operation now, or it was cancelled: write nothing more."""


def claim(operation_id: UUID | str, *, owner: str) -> Operation | None:
    """The operation, ours for OPERATION_LEASE_S; None when it is over, not due, or somebody else's."""
    taken = Operation.objects.filter(pk=operation_id, state__in=OPEN, lease_until__lte=Now(), due_at__lte=Now()).update(
        lease_until=Now() + timedelta(seconds=settings.OPERATION_LEASE_S),
        lease_owner=owner,
        fence=F("fence") + 1,
        ring_after=Now() + timedelta(seconds=settings.OPERATION_LEASE_S),
        rings=0,
        state=State.RUNNING,
    )
    if not taken:
        return None
    return Operation.objects.select_related("cloud", "tenant").get(pk=operation_id)


def write(operation: Operation, **fields: Any) -> None:
    """Change the operation's row under our fence, and renew the lease. Raises LeaseLost."""
    fields.setdefault("lease_until", Now() + timedelta(seconds=settings.OPERATION_LEASE_S))
    mine = Operation.objects.filter(pk=operation.pk, fence=operation.fence, state__in=OPEN)
    if not mine.update(**fields):
        raise LeaseLost
    for name, value in fields.items():
        if name not in {"lease_until", "due_at", "ring_after"}:
            setattr(operation, name, value)


def park(operation: Operation, *, seconds: float, waiting_for: str = "") -> None:
    """Let go until `seconds` from now."""
    due = Now() + timedelta(seconds=seconds)
    with transaction.atomic():
        write(
            operation,
            state=State.WAITING,
            waiting_for=waiting_for,
            due_at=due,
            ring_after=due,
            lease_until=Now(),
            lease_owner="",
        )
        changed(operation)


def let_go(operation: Operation) -> None:
    """Say that we are out of a cancelled operation, so that what waits for us need not wait for the lease."""
    Operation.objects.filter(pk=operation.pk).exclude(state__in=OPEN).update(lease_until=Now())


# --- the ends -------------------------------------------------------------------


def finish(operation: Operation) -> None:
    """The end: `failed` when an error was noted on the way, else `done`. One transaction with the flow's own words."""
    flow = FLOWS[operation.kind]
    failed = bool(operation.error_code)
    with transaction.atomic():
        write(operation, lease_until=Now())  # takes the row first: a stale worker ends here
        (flow.on_failed if failed else flow.on_done)(operation)
        write(
            operation,
            state=State.FAILED if failed else State.DONE,
            finished_at=timezone.now(),
            waiting_for="",
            waiting_since=None,
            slow_at=None,
            lease_until=Now(),
            lease_owner="",
        )
        changed(operation)
        tell_bell(operation)
        append([end_entry(operation, outcome=operation.state)])
    log.info("ended", outcome=operation.state, reason=operation.error_code)


def changed(operation: Operation) -> None:
    """Tell the browsers: those that show such things, under the topic named like their page."""
    publish(operation.tenant_id, topic_of(operation.kind), object_id=operation.target_id)


def topic_of(kind: str) -> str:
    return FLOWS[kind].topic or f"{kind.partition('.')[0]}s"


def tell_bell(operation: Operation) -> None:
    """Tell the person who asked, and nobody else, that there is something to read."""
    if operation.requested_by_id is not None:
        publish(operation.tenant_id, "bell", user_id=operation.requested_by_id)
