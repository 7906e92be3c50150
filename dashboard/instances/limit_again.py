"""A launch that the cloud refused for its own limit after it had accepted it.

Nova counts again once the server is written down (`[quota] recheck_quota`), so that of two that race for the last place
both may end in ERROR with its refusal, although one of them has room. Such a server is removed and asked for once more.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from dashboard.clouds.interface import NotFound, Status
from dashboard.operations import flow
from dashboard.operations.failures import Told
from dashboard.operations.flow import Wait
from dashboard.operations.models import Operation, Step

from .counting import count
from .models import Instance

REFUSED = "refused_by_limit"
"""An argument of the operation: the cloud's id of the server that is being removed."""
TWICE = "asked_twice"
PAUSE_S = 3.0


def remove_refused(operation: Operation, instance: Instance, told: Told) -> Wait | None:
    """Begin anew, the first time that this is why it did not work; None where that is no help."""
    if not told.code.startswith("cloud-limit") or operation.arguments.get(TWICE):
        return None
    flow.write(operation, arguments={**operation.arguments, REFUSED: instance.remote_id})
    operation.driver().compute.delete(instance.remote_id)
    return Wait(1)


def ask_again(operation: Operation) -> Wait | None:
    """Wait until nothing is left of the refused one, then go back to the step that asks. None when none was refused."""
    remote_id = operation.arguments.get(REFUSED)
    if not remote_id:
        return None
    if not is_gone(operation, remote_id):
        operation.driver().compute.delete(remote_id)  # again: whoever asked first may have died before
        return Wait(1)
    with transaction.atomic():
        flow.write(operation, arguments={**operation.arguments, REFUSED: "", TWICE: True})
        Instance.objects.filter(pk=operation.target_id).update(
            remote_id="", status=Status.BUILD, task="", fault="", failure="", failure_values={}
        )
        count([operation.target_id], at=timezone.now())
        operation.steps.filter(name="create").update(state=Step.State.PENDING)
    return Wait(PAUSE_S)


def is_gone(operation: Operation, remote_id: str) -> bool:
    try:
        return operation.driver().compute.get(remote_id).status is Status.DELETED
    except NotFound:
        return True
