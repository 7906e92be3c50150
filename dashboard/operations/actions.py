"""What people do about operations that failed or hang. Each verb is one transaction; of two at once one wins."""

from __future__ import annotations

import uuid
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.live.publish import publish
from dashboard.tenancy.access import Actor

from . import again, flow
from .choices import CANCEL, RESUME, ROLL_BACK, WAIT_ON, told_last, was_asked, why_not, why_not_cancelled
from .flow import FLOWS
from .models import BellMark, Operation
from .recovery import NotPossible


def resume(actor: Actor, pk: UUID) -> Operation:
    """Let a failed one go on. This, as all below, raises NotPossible with the reason, Operation.DoesNotExist."""
    try:
        with transaction.atomic():
            operation = find(actor, pk, may=RESUME)
            FLOWS[operation.kind].recovery.take_again(operation, actor)
            again.resume(operation, actor=actor)
            flow.changed(operation)
    except flow.AlreadyUnderWay as error:
        raise NotPossible(faster(pk)) from error
    return operation


def roll_back(actor: Actor, pk: UUID) -> Operation:
    """Take back what a failed one did. Returns the operation that does it."""
    try:
        with transaction.atomic():
            return begin_roll_back(actor, find(actor, pk, may=ROLL_BACK))
    except flow.AlreadyUnderWay as error:
        raise NotPossible(faster(pk)) from error


def begin_roll_back(actor: Actor, failed: Operation) -> Operation:
    recovery = FLOWS[failed.kind].recovery
    operation = flow.start(
        recovery.roll_back,
        actor=actor,
        cloud=failed.cloud,
        target_id=failed.target_id,
        target_name=failed.target_name,
        key=str(uuid.uuid4()),
        arguments=recovery.left(failed),
        rolls_back=failed,
    )
    flow.changed(operation)
    return operation


def wait_on(actor: Actor, pk: UUID, *, deadline: datetime) -> Operation:
    """Give it more time. `deadline` is the one that was on the page: who comes second is told who was first."""
    try:
        with transaction.atomic():
            operation = find(actor, pk, may=WAIT_ON)
            again.wait_on(operation, actor=actor, deadline=deadline)
            flow.changed(operation)
    except flow.AlreadyUnderWay as error:
        raise NotPossible(faster(pk)) from error
    return operation


def cancel(actor: Actor, pk: UUID) -> Operation:
    """Give it up. What the cloud was not asked for leaves nothing; else returns the operation that takes it back.

    Its row is changed first and looked at then: a worker that was about to ask either was faster, and it shows, or
    finds its fence too old.
    """
    try:
        with transaction.atomic():
            operation = find(actor, pk, may=CANCEL)
            flow.cancel(operation, by=actor)
            if reason := why_not_cancelled(operation):
                raise NotPossible(reason)
            if was_asked(operation):
                return begin_roll_back(actor, operation)
            FLOWS[operation.kind].recovery.forget(operation)
            flow.changed(operation)
    except (flow.LeaseLost, flow.AlreadyUnderWay) as error:
        raise NotPossible(faster(pk)) from error
    return operation


def find(actor: Actor, pk: UUID, *, may: str) -> Operation:
    """The tenant's operation, locked, with which `may` is possible."""
    operations = Operation.objects.for_tenant(actor.tenant).select_related("cloud", "tenant")
    operation = operations.select_for_update(of=("self",)).get(pk=pk)
    actor.require(FLOWS[operation.kind].recovery.role)
    if reason := why_not(operation, may, role=actor.role):
        raise NotPossible(reason)
    return operation


def faster(pk: UUID) -> str:
    """The sentence for who came second."""
    return told_last(Operation.objects.get(pk=pk)) or _("Somebody else was faster: look at what it does now.")


def read_bell(actor: Actor, *, until: datetime) -> None:
    """The person has read what came of their operations in this tenant until then. Never takes back what was read."""
    with transaction.atomic():
        mark, is_new = BellMark.objects.get_or_create(
            user=actor.user, tenant=actor.tenant, defaults={"read_until": until}
        )
        if not is_new:
            BellMark.objects.filter(pk=mark.pk, read_until__lt=until).update(read_until=until)
        publish(actor.tenant.pk, "bell", user_id=actor.user.pk)
