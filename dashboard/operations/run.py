"""One visit of a worker to one operation: claim it, take the steps that can be taken, let go."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dashboard.clouds.interface import AuthFailed, CloudError, Reason, Refused, Unavailable, noting_calls
from dashboard.ui import scrubbing

from . import flow
from .calls import kept
from .failpoints import failpoint
from .failures import Told, told_by, told_by_own
from .flow import FLOWS, LeaseLost, StepDefinition, StepFailed, Wait
from .models import Operation, Step
from .numbers import with_numbers
from .presence import owner
from .stuck import slow_after
from .usual import usual_s

log = structlog.get_logger(__name__)

# A cloud that is away is asked again after 2, 4, ... 60 s; its sync wakes us when it is back.
LONGEST_PAUSE_S = 60.0
# A cloud that names its own time is believed up to here.
LONGEST_ASKED_FOR_S = 600.0
# A cloud that says that its limit is reached is asked once more after so long: two that race for the last place may
# both be refused by Nova, which counts again after it has reserved ([quota] recheck_quota).
LIMIT_AGAIN_S = 3.0
LIMIT_AGAIN = "cloud-limit-again"
# An error of ours is tried again a few times (a deploy may mend it), then ends the operation.
BUGS_FORGIVEN = 3


def advance(operation_id: UUID | str) -> None:
    """Take an operation as far as it goes now. Never raises: the row says what happened."""
    operation = flow.claim(operation_id, owner=owner())
    if operation is None:
        return
    with structlog.contextvars.bound_contextvars(operation=str(operation.pk), kind=operation.kind):
        try:
            take_steps(operation)
        except LeaseLost:
            log.info("operation is somebody else's now")
            flow.let_go(operation)


def take_steps(operation: Operation) -> None:
    """Each open step in turn, until one waits or the operation ends."""
    while (step := next_step(operation)) is not None:
        definition = definition_of(operation, step)
        pause = attempt(operation, step, definition)
        if pause is not None:
            Step.objects.filter(pk=step.pk).update(state=Step.State.WAITING, calls=step.calls)
            flow.park(operation, seconds=pause.seconds, waiting_for=operation.waiting_for)
            return
    flow.finish(operation)


def next_step(operation: Operation) -> Step | None:
    return operation.steps.exclude(state__in=(Step.State.DONE, Step.State.FAILED)).order_by("position").first()


def definition_of(operation: Operation, step: Step) -> StepDefinition:
    steps = FLOWS[operation.kind].steps
    known = [*steps, *(s.undo for s in steps if s.undo)]
    return next(definition for definition in known if definition.name == step.name)


def attempt(operation: Operation, step: Step, definition: StepDefinition) -> Wait | None:
    """Run one step once and note what came of it. A Wait means: not now."""
    begin(operation, step)
    if operation.cloud.is_away:  # its sync found so: do not let every operation wait for the same silence
        code = "cloud-key" if operation.cloud.is_refused else ""
        return away(operation, step, definition, Unavailable(operation.cloud.health_detail), code=code)
    failpoint(f"{operation.kind}.{step.name}.before")
    try:
        pause = run_once(operation, step, definition)
    except (Unavailable, AuthFailed) as error:
        return away(operation, step, definition, error)
    except CloudError as error:
        return refused(operation, step, definition, error)
    except StepFailed as error:
        values = with_numbers(Told(error.code, error.values), operation)
        return fail(operation, step, definition, code=error.code, detail=error.detail, values=values)
    except LeaseLost:
        raise
    except Exception as error:  # the edge of the task: nothing may leave a row without a word
        return bug(operation, step, definition, error)
    failpoint(f"{operation.kind}.{step.name}.after")
    if pause is None:
        flow.write(operation, failures=0, waiting_for="", waiting_since=None, slow_at=None)
        Step.objects.filter(pk=step.pk).update(state=Step.State.DONE, finished_at=timezone.now(), calls=step.calls)
    elif is_late(operation):
        return fail(operation, step, definition, code="deadline")
    else:
        flow.write(operation, failures=0, waiting_for="", waiting_since=None)
    return pause


def begin(operation: Operation, step: Step) -> None:
    """One transaction, so that whoever gives the operation up knows whether the cloud may have been asked."""
    now, known = timezone.now(), {}
    if step.started_at is None:
        step.started_at, step.usual_s = now, usual_s(operation, step.name)
        known["slow_at"] = now + slow_after(step.usual_s)
    with transaction.atomic():
        flow.write(operation, started_at=operation.started_at or now, **known)
        Step.objects.filter(pk=step.pk).update(
            state=Step.State.RUNNING,
            started_at=step.started_at,
            usual_s=step.usual_s,
            attempts=F("attempts") + 1,
            was_asked=step.was_asked or not operation.cloud.is_away,
        )


def run_once(operation: Operation, step: Step, definition: StepDefinition) -> Wait | None:
    """The step, and the ids of the calls that it made, whatever comes of it."""
    with noting_calls() as calls:
        try:
            return definition.run(operation)
        finally:
            step.calls = kept(step.calls, calls)


def is_late(operation: Operation) -> bool:
    """Past its deadline. Cleaning up has none."""
    return not operation.error_code and timezone.now() > operation.deadline_at


def away(
    operation: Operation, step: Step, definition: StepDefinition, error: CloudError, *, code: str = ""
) -> Wait | None:
    """The cloud did not answer, or did not let us in: wait, longer each time, until the deadline.

    `code` is why, where more is known than the error tells.
    """
    told = Told(code) if code else told_by(error)
    if is_late(operation):
        return fail(operation, step, definition, code=told.code, error=error, values=told.values)
    flow.write(
        operation,
        failures=F("failures") + 1,
        waiting_for=told.code,
        waiting_since=operation.waiting_since or timezone.now(),
        error_detail=scrubbing.text(error.detail)[:4000],
    )
    operation.refresh_from_db(fields=["failures"])
    log.info("not now", step=step.name, reason=operation.waiting_for, failures=operation.failures)
    asked_for = error.retry_after_s if isinstance(error, Unavailable) else 0
    return Wait(max(min(LONGEST_PAUSE_S, 2.0**operation.failures), min(asked_for, LONGEST_ASKED_FOR_S)))


def refused(operation: Operation, step: Step, definition: StepDefinition, error: CloudError) -> Wait | None:
    """The cloud said no: that is the end, but for its limits, which are asked about twice where they may be."""
    is_limit = isinstance(error, Refused) and error.reason is Reason.QUOTA and not error.is_final
    if is_limit and operation.waiting_for != LIMIT_AGAIN:
        flow.write(operation, waiting_for=LIMIT_AGAIN, error_detail=scrubbing.text(error.detail)[:4000])
        return Wait(LIMIT_AGAIN_S)
    told = told_by(error)
    return fail(operation, step, definition, code=told.code, error=error, values=with_numbers(told, operation))


def bug(operation: Operation, step: Step, definition: StepDefinition, error: Exception) -> Wait | None:
    log.exception("step failed in Skydeck itself", step=step.name)
    code = told_by_own(error).code
    if step.attempts >= BUGS_FORGIVEN and not operation.error_code:
        return fail(operation, step, definition, code=code, detail=repr(error))
    since = operation.waiting_since or timezone.now()
    flow.write(operation, failures=F("failures") + 1, waiting_for=code, waiting_since=since)
    operation.refresh_from_db(fields=["failures"])
    return Wait(min(LONGEST_PAUSE_S, 2.0**operation.failures))


def fail(
    operation: Operation,
    step: Step,
    definition: StepDefinition,
    *,
    code: str,
    error: CloudError | None = None,
    detail: str = "",
    values: Mapping[str, str] | None = None,
) -> Wait | None:
    """Note the failure, drop the steps that would have followed, and go on with the undoing where there is any."""
    flow.write(
        operation,
        error_code=operation.error_code or code,
        error_values=operation.error_values or {**operation.cloud.place_value, **(values or {})},
        error_detail=scrubbing.text(error.detail if error else detail)[:4000],
        error_request_id=(error.request_id if error else "")[:128],
        waiting_for="",
        waiting_since=None,
        failures=0,
    )
    Step.objects.filter(pk=step.pk).update(state=Step.State.FAILED, finished_at=timezone.now(), calls=step.calls)
    operation.steps.filter(position__gt=step.position).delete()
    if definition.undo:
        Step.objects.create(operation=operation, position=step.position + 1, name=definition.undo.name)
    return None
