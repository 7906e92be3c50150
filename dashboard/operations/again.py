"""Giving an operation that is over, or hangs, another chance. Each is a part of the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.tenancy.access import Actor

from . import flow
from .models import OPEN, Operation, State, Step, long_ago
from .notes import RESUMED, WAITED_ON, noted
from .stuck import UNTAKEN

WAITED_IN_VAIN = frozenset(
    {"deadline", "credentials", "database-full", "database-busy", "secret-unreadable"}
    | {f"cloud-{how}" for how in ("away", "busy", "broken", "unready", "slow", "not-understood")}
    | {f"host-{how}" for how in ("daemon-down", "cut-off", "unreachable", "name-unknown", "guest-busy")}
)
"""With these a step came to no end. With every other code it saw that the cloud did otherwise."""


def resume(operation: Operation, *, actor: Actor) -> None:
    """Let a failed one go on from where it failed. Raises AlreadyUnderWay when another is open, or it is not failed."""
    failed = failed_step(operation)
    fields: dict[str, Any] = {
        "state": State.QUEUED,
        "fence": F("fence") + 1,
        "resumed_at": timezone.now(),
        "finished_at": None,
        "error_code": "",
        "error_values": {},
        "error_detail": "",
        "error_request_id": "",
        "notes": noted(
            operation.notes,
            who=actor.user.username,
            what=RESUMED,
            step=failed.name if failed else "",
            code=operation.error_code,
            values=operation.error_values,
        ),
        **afresh(),
    }
    try:
        with transaction.atomic():
            if not Operation.objects.filter(pk=operation.pk, state=State.FAILED).update(**fields):
                raise flow.AlreadyUnderWay
            rewind(operation, to=step_to_resume(operation))
    except IntegrityError as error:
        raise flow.AlreadyUnderWay from error
    flow.ring_after_commit(operation, actor=actor, outcome="resumed")


def afresh() -> dict[str, Any]:
    """As when it was asked for: due now, with a deadline of its own."""
    return {
        "deadline_at": flow.new_deadline(),
        "due_at": long_ago(),
        "ring_after": Now() + timedelta(seconds=5),
        "rings": 0,
        "failures": 0,
        "slow_at": timezone.now() + UNTAKEN,
    }


def failed_step(operation: Operation) -> Step | None:
    """The first of its own steps that is not done; undoing is none of them."""
    names = [step.name for step in flow.planned(operation.kind, operation.arguments)]
    steps = operation.steps.filter(name__in=names).exclude(state=Step.State.DONE)
    return steps.order_by("position").first()


def step_to_resume(operation: Operation) -> str:
    """Its name: of the step that failed, or of the one that has to be repeated for it. Empty: there is none."""
    step = failed_step(operation)
    if step is None:
        return ""
    known = {definition.name: definition for definition in flow.planned(operation.kind, operation.arguments)}
    return step.name if operation.error_code in WAITED_IN_VAIN else known[step.name].again or step.name


def rewind(operation: Operation, *, to: str) -> None:
    """From the step `to` on all is to be done; what was undone is no more to be seen, but in the notes."""
    names = [step.name for step in flow.planned(operation.kind, operation.arguments)]
    first = names.index(to)
    operation.steps.filter(position__gte=first).exclude(name=to).delete()
    operation.steps.filter(name=to).update(state=Step.State.PENDING, position=first, started_at=None, finished_at=None)
    Step.objects.bulk_create(
        Step(operation=operation, position=position, name=name)
        for position, name in enumerate(names)
        if position > first
    )


def wait_on(operation: Operation, *, actor: Actor, deadline: datetime) -> None:
    """A later deadline, and a look now. `deadline` is the one that the person saw. Raises AlreadyUnderWay."""
    fields = {"notes": noted(operation.notes, who=actor.user.username, what=WAITED_ON), **afresh()}
    del fields["slow_at"]  # it is as slow as before
    seen = Operation.objects.filter(pk=operation.pk, state__in=OPEN, deadline_at=deadline)
    if not seen.update(**fields):
        raise flow.AlreadyUnderWay
    flow.ring_after_commit(operation, actor=actor, outcome="waited-on")
