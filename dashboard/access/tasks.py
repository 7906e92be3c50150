"""The flows of people's keys: each step asks the cloud, shortly, and may be called again at any time."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.clouds import secrets
from dashboard.clouds.interface import Access
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import Flow, StepDefinition, StepFailed
from dashboard.operations.models import Operation, Step
from dashboard.operations.recovery import Recovery

from . import ending
from .actions import CREATE, REVOKE
from .ending import NO_RIGHT
from .models import AccessKey


def target(operation: Operation) -> AccessKey:
    return AccessKey.objects.select_related("account__cloud", "user").get(pk=operation.target_id)


def access_of(row: AccessKey) -> Access:
    """With the administrator's credential."""
    cloud = row.account.cloud
    access = cloud.driver().access if cloud.makes_places else None
    if access is None:
        raise StepFailed("no-administrator")
    return access


def issue(operation: Operation) -> None:
    """An answer that was lost, or died with a worker, is one key that the driver ends before it makes another."""
    row = target(operation)
    if row.issued_at:
        return
    name = row.user.username if row.user else row.person
    made = access_of(row).issue(row.account.remote_id, person=row.person, mark=row.mark, label=f"{name}: {row.label}")
    failpoint("access-key.issue.done")
    with transaction.atomic():
        flow.write(operation)
        AccessKey.objects.filter(pk=row.pk).update(
            remote_id=made.id[:255], sealed=secrets.seal(made.secret), issued_at=timezone.now()
        )
        flow.changed(operation)


def end(operation: Operation) -> None:
    """One key; all of the person's there, where they may have none any more: then nothing of them is left there."""
    row = target(operation)
    access, place_id = access_of(row), row.account.remote_id
    if operation.arguments.get("reason") == NO_RIGHT:
        access.end(place_id, person=row.person)
    else:
        access.revoke(place_id, person=row.person, mark=row.mark)
    failpoint("access-key.end.done")


def nothing(operation: Operation) -> None:
    """The row says all that there is to say."""


def not_made(operation: Operation) -> None:
    """Where the cloud has certainly nothing of it, the row goes. Else it stays, and is ended later: see ending.py."""
    if operation.steps.filter(name=UNDONE.name, state=Step.State.DONE).exists():
        forget(operation)


def forget(operation: Operation) -> None:
    AccessKey.objects.filter(pk=operation.target_id, issued_at=None).delete()


def ended(operation: Operation) -> None:
    AccessKey.objects.filter(pk=operation.target_id).update(revoked_at=timezone.now(), sealed="")


def make_another(operation: Operation) -> str:
    return _("Make another key on the page of the cloud: nothing is left of this one.")


UNDONE = StepDefinition(name="end-issued", run=end)
flow.register(
    Flow(
        kind=CREATE,
        steps=(StepDefinition(name="issue-key", run=issue, undo=UNDONE),),
        on_done=nothing,
        on_failed=not_made,
        recovery=Recovery(why_not_resume=make_another, forget=forget),
    )
)
flow.register(Flow(kind=REVOKE, steps=(StepDefinition(name="end-key", run=end),), on_done=ended, on_failed=nothing))


@shared_task(name="access.end_due")
def end_due() -> None:
    """Rung by the clock; so no change of a role, by whatever way, can leave a key behind."""
    ending.end_due()
