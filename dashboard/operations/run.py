"""One visit of a worker to one operation: claim it, take the steps that can be taken, let go."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import structlog
from django.db.models import F
from django.utils import timezone

from dashboard.clouds.interface import AuthFailed, CloudError, Reason, Refused, Unavailable

from . import flow
from .failpoints import failpoint
from .failures import Told, code_of, told_by
from .flow import FLOWS, LeaseLost, StepDefinition, StepFailed, Wait
from .models import Operation, Step
from .numbers import with_numbers
from .presence import owner

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
            Step.objects.filter(pk=step.pk).update(state=Step.State.WAITING)
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
        return away(operation, step, definition, Unavailable(operation.cloud.health_detail))
    failpoint(f"{operation.kind}.{step.name}.before")
    try:
        pause = definition.run(operation)
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
        flow.write(operation, failures=0, waiting_for="")
        Step.objects.filter(pk=step.pk).update(state=Step.State.DONE, finished_at=timezone.now())
    elif is_late(operation):
        return fail(operation, step, definition, code="deadline")
    else:
        flow.write(operation, failures=0, waiting_for="")
    return pause


def begin(operation: Operation, step: Step) -> None:
    flow.write(operation, started_at=operation.started_at or timezone.now())
    Step.objects.filter(pk=step.pk).update(
        state=Step.State.RUNNING, started_at=step.started_at or timezone.now(), attempts=F("attempts") + 1
    )


def is_late(operation: Operation) -> bool:
    """Past its deadline. Cleaning up has none."""
    return not operation.error_code and timezone.now() > operation.deadline_at


def away(operation: Operation, step: Step, definition: StepDefinition, error: CloudError) -> Wait | None:
    """The cloud did not answer: wait, longer each time, until the deadline."""
    if is_late(operation):
        told = told_by(error)
        return fail(operation, step, definition, code=told.code, error=error, values=told.values)
    flow.write(operation, failures=F("failures") + 1, waiting_for=code_of(error), error_detail=error.detail[:4000])
    operation.refresh_from_db(fields=["failures"])
    log.info("not now", step=step.name, reason=operation.waiting_for, failures=operation.failures)
    asked_for = error.retry_after_s if isinstance(error, Unavailable) else 0
    return Wait(max(min(LONGEST_PAUSE_S, 2.0**operation.failures), min(asked_for, LONGEST_ASKED_FOR_S)))


def refused(operation: Operation, step: Step, definition: StepDefinition, error: CloudError) -> Wait | None:
    """The cloud said no: that is the end, but for its limits, which are asked about twice."""
    is_limit = isinstance(error, Refused) and error.reason is Reason.QUOTA
    if is_limit and operation.waiting_for != LIMIT_AGAIN:
        flow.write(operation, waiting_for=LIMIT_AGAIN, error_detail=error.detail[:4000])
        return Wait(LIMIT_AGAIN_S)
    told = told_by(error)
    return fail(operation, step, definition, code=told.code, error=error, values=with_numbers(told, operation))


def bug(operation: Operation, step: Step, definition: StepDefinition, error: Exception) -> Wait | None:
    log.exception("step failed in Skydeck itself", step=step.name)
    if step.attempts >= BUGS_FORGIVEN and not operation.error_code:
        return fail(operation, step, definition, code="internal", detail=repr(error))
    flow.write(operation, failures=F("failures") + 1, waiting_for="internal")
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
        error_values=operation.error_values or dict(values or {}),
        error_detail=(error.detail if error else detail)[:4000],
        error_request_id=(error.request_id if error else "")[:128],
        waiting_for="",
        failures=0,
    )
    Step.objects.filter(pk=step.pk).update(state=Step.State.FAILED, finished_at=timezone.now())
    operation.steps.filter(position__gt=step.position).delete()
    if definition.undo:
        Step.objects.create(operation=operation, position=step.position + 1, name=definition.undo.name)
    return None
