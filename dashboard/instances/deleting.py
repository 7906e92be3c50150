"""The flows that delete and restore: turning off what is hidden, turning it on again, and removing it for good.

What cannot be turned off (it is suspended, shelved, in ERROR, or the cloud refuses) is hidden as it is: that a guest
runs a little longer is no reason to refuse its deletion.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.clouds.interface import Conflict, NotFound, Refused, Status
from dashboard.operations import flow
from dashboard.operations.flow import Flow, StepDefinition, Wait
from dashboard.operations.models import Operation, State
from dashboard.operations.presence import is_dead

from . import recovery, sync
from .faults import came_into_error
from .launching import RELEASE_PLANNED
from .models import Instance
from .tasks import again, look, nothing, target

# --- removing --------------------------------------------------------------------


def let_go(operation: Operation) -> Wait | None:
    """What was given up may still be inside its one call to the cloud: wait for it to come out."""
    given_up = Operation.objects.filter(
        target_id=operation.target_id, state=State.CANCELLED, lease_until__gt=Now()
    ).values_list("lease_owner", flat=True)
    return Wait(1) if any(not is_dead(owner) for owner in given_up) else None


def delete(operation: Operation) -> None:
    compute = operation.driver().compute
    if remote_id := find_remote_id(operation):
        compute.delete(remote_id)


def find_remote_id(operation: Operation) -> str:
    """By our mark; by the id that we noted where the thing carries no mark."""
    remote = operation.driver().compute.find(str(operation.target_id))
    return remote.id if remote else target(operation).remote_id


def gone(operation: Operation) -> Wait | None:
    compute = operation.driver().compute
    remote_id = find_remote_id(operation)
    try:
        if not remote_id or compute.get(remote_id).status is Status.DELETED:
            return None
    except NotFound:
        return None
    return Wait(1)


def deleted(operation: Operation) -> None:
    """Removed; or, where that was not asked for yet, only hidden."""
    if operation.steps.filter(name="gone").exists():
        sync.record_gone(target(operation))


def not_deleted(operation: Operation) -> None:
    """What the cloud refuses to remove is shown again. Where it only did not answer, the clock asks again."""
    if timezone.now() <= operation.deadline_at:
        Instance.objects.restorable().filter(pk=operation.target_id).update(delete_at=None)


# --- hiding and restoring ----------------------------------------------------------


def turn_off(operation: Operation) -> Wait | None:
    """Ask the guest once, when the cloud has come to rest."""
    instance = look_or_close(operation)
    if instance is None or is_over(operation, "turn-off"):
        return None
    if instance.task:
        return again(operation)
    if instance.status == Status.ACTIVE:
        try:
            operation.driver().compute.stop(instance.remote_id)
        except (Conflict, Refused):
            flow.write(operation, arguments={**operation.arguments, "stop": False})
    return None


def turned_off(operation: Operation) -> Wait | None:
    """A guest that does not shut down in time has its power cut; whatever comes of that, it is hidden."""
    instance = look_or_close(operation) if operation.arguments["stop"] else None
    if instance is None or (instance.status != Status.ACTIVE and not instance.task):
        return None
    if is_over(operation, "stopped"):
        try:
            operation.driver().compute.stop(instance.remote_id, force=True)
        except (Conflict, Refused):
            return None
        if is_over(operation, "stopped", times=2):
            return None
    return again(operation)


def look_or_close(operation: Operation) -> Instance | None:
    """None, with its row closed, when somebody else removed it from the cloud meanwhile."""
    try:
        return look(operation)
    except NotFound:
        with transaction.atomic():
            flow.write(operation)
            sync.record_gone(target(operation))
        return None


def is_over(operation: Operation, step: str, *, times: int = 1) -> bool:
    """Whether the step has waited as long as a guest may take to shut down."""
    began = operation.steps.get(name=step).started_at
    return began is not None and timezone.now() - began > times * timedelta(seconds=settings.STOP_GRACE_S)


def turn_on(operation: Operation) -> Wait | None:
    """Where it is not turned on already: somebody may have done that on the cloud meanwhile, or something else."""
    instance = look(operation)
    if instance.task:
        return again(operation)
    if instance.status == Status.SHUTOFF:
        operation.driver().compute.start(instance.remote_id)
    return None


def turned_on(operation: Operation) -> Wait | None:
    instance = look(operation)
    if instance.task:
        return again(operation)
    if instance.status == Status.ERROR:
        raise came_into_error(instance)
    return again(operation) if instance.status == Status.SHUTOFF else None


@transaction.atomic
def restored(operation: Operation) -> None:
    """A resize that the delete gave up is over, unless the cloud has the new size ready to be confirmed."""
    instance = target(operation)
    if instance.held_size and instance.status != Status.RESIZED:
        sync.settle_size(instance)


def rolled_back(operation: Operation) -> None:
    """Nothing of the launch is left, and its quota is free."""
    sync.record_gone(target(operation))


LET_GO = StepDefinition(name="let-go", run=let_go)
for flow_ in (
    Flow(
        kind="instance.delete",
        steps=(
            LET_GO,
            RELEASE_PLANNED,
            StepDefinition(name="turn-off", run=turn_off, wants="stop"),
            StepDefinition(name="stopped", run=turned_off, wants="stop"),
            StepDefinition(name="delete", run=delete, wants="now"),
            StepDefinition(name="gone", run=gone, wants="now"),
        ),
        on_done=deleted,
        on_failed=nothing,
        recovery=recovery.DELETING,
    ),
    Flow(
        kind="instance.roll-back",
        # what a launch did, the last first
        steps=(
            LET_GO,
            RELEASE_PLANNED,
            StepDefinition(name="delete", run=delete),
            StepDefinition(name="gone", run=gone),
            recovery.REMOVE_GROUP,
        ),
        on_done=rolled_back,
        on_failed=nothing,
        recovery=recovery.ENDING,
    ),
    Flow(
        kind="instance.delete-now",
        steps=(
            LET_GO,
            RELEASE_PLANNED,
            StepDefinition(name="delete", run=delete),
            StepDefinition(name="gone", run=gone),
        ),
        on_done=deleted,
        on_failed=not_deleted,
        recovery=recovery.DELETING,
    ),
    Flow(
        kind="instance.restore",
        steps=(
            LET_GO,
            StepDefinition(name="turn-on", run=turn_on, wants="start"),
            StepDefinition(name="running", run=turned_on, wants="start"),
        ),
        on_done=restored,
        on_failed=restored,
        recovery=recovery.DELETING,
    ),
):
    flow.register(flow_)
