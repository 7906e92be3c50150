"""Resuming, rolling back, waiting on or cancelling several operations of any tenants: each by itself, each told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from dashboard.tenancy.access import Actor, Administrator
from dashboard.tenancy.models import Role

from . import actions
from .choices import CANCEL, RESUME, ROLL_BACK, WAIT_ON, why_not
from .models import Operation
from .recovery import NotPossible

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One of them. `why_not` is a sentence where it was not, or cannot be, done."""

    operation: Operation
    why_not: str = ""


def chosen(ids: Sequence[UUID]) -> list[Operation]:
    """Those that are there, in the order in which they were asked for."""
    rows = Operation.objects.filter(pk__in=ids).select_related("cloud", "tenant").order_by("created_at", "pk")
    return list(rows)


def judge(operations: Sequence[Operation], verb: str) -> list[Judged]:
    return [Judged(operation=each, why_not=why_not(each, verb, role=Role.ADMIN)) for each in operations]


def mend(administrator: Administrator, operations: Sequence[Operation], verb: str) -> list[Judged]:
    """Each in a transaction of its own: what one refuses keeps no other from it."""
    return [mend_one(administrator, operation, verb) for operation in operations]


def mend_one(administrator: Administrator, operation: Operation, verb: str) -> Judged:
    try:
        deed(administrator.in_tenant(operation.tenant), operation, verb)()
    except NotPossible as error:
        return Judged(operation=operation, why_not=str(error))
    return Judged(operation=operation)


def deed(actor: Actor, operation: Operation, verb: str) -> Callable[[], Operation]:
    return {
        RESUME: lambda: actions.resume(actor, operation.pk),
        ROLL_BACK: lambda: actions.roll_back(actor, operation.pk),
        WAIT_ON: lambda: actions.wait_on(actor, operation.pk, deadline=operation.deadline_at),
        CANCEL: lambda: actions.cancel(actor, operation.pk),
    }[verb]
