"""Emptying a tenant: look at what is left, ask for the deletion of what comes first, look again.

Nothing is remembered but what is in the rows: a worker that dies anywhere leaves what the next one finds. Each thing
is asked for in a transaction of its own, by the verb that people use, so quota, audit and failures are as always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.clouds.models import CloudAccount
from dashboard.instances import actions as instances
from dashboard.instances import refusals, templates
from dashboard.instances.models import Instance
from dashboard.keypairs import actions as keypairs
from dashboard.live.publish import publish
from dashboard.networks import actions as networks
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.models import Operation, State
from dashboard.places import actions as places
from dashboard.places.refusals import sentence
from dashboard.tenancy.access import SYSTEM, Actor, find_administrator
from dashboard.tenancy.models import Tenant

from . import left
from .left import KINDS, Kind
from .models import Emptying
from .removal import NotEmpty, remove

log = structlog.get_logger(__name__)
AT_ONCE = 50
"""So many things of a kind are asked for in one look."""
HELD_S = 5
"""Nobody else looks for so long: if the one who looks dies, the next comes after that."""
PAUSE_S = 1.5
PATIENCE = timedelta(seconds=45)
"""What is refused may only wait for what the clouds still say: so long nothing may move before it stops."""
ENDS = {
    "instances": ("instance.delete-now", "instance.delete"),
    "floating-ips": ("floating-ip.release",),
    "routers": ("router.delete",),
    "networks": ("network.delete",),
    "security-groups": ("security-group.delete",),
    "places": ("place.unlink",),
}


@dataclass(slots=True)
class Look:
    """What one look found. `problems` are as in Emptying."""

    is_waiting: bool = False
    problems: list[dict[str, str]] = field(default_factory=list)


def go_on(pk: UUID | str) -> None:
    """One look at one tenant. Two at once are harmless; the second mostly finds that it is not due."""
    due = Emptying.objects.filter(pk=pk, state=Emptying.State.RUNNING, due_at__lte=Now())
    if not due.update(due_at=Now() + timedelta(seconds=HELD_S)):
        return
    emptying = Emptying.objects.select_related("tenant", "requested_by").get(pk=pk)
    if emptying.tenant is None:  # removed, and the worker died before it said so
        end(emptying)
        return
    look = look_at(emptying, emptying.tenant)
    if emptying.tenant.pk is None or not Tenant.objects.filter(pk=emptying.tenant.pk).exists():
        end(emptying)
        return
    note(emptying, emptying.tenant, look)


def look_at(emptying: Emptying, tenant: Tenant) -> Look:
    administrator = find_administrator(emptying.requested_by) if emptying.requested_by else None
    if administrator is None or not administrator.user.is_active:
        why = _("%(name)s is no administrator any more. Another one has to resume it.")
        return Look(problems=[problem("", "", why % {"name": emptying.requested_by_name})])
    actor = administrator.in_tenant(tenant)
    for kind in KINDS:
        rows = list(kind.rows(tenant)[:AT_ONCE])
        if rows:
            return look_at_kind(emptying, actor, kind, rows)
    try:
        failpoint("tenant.empty.remove.before")
        remove(tenant, actor=SYSTEM, on_behalf_of=emptying.requested_by_name)
        failpoint("tenant.empty.remove.after")
    except NotEmpty as error:
        return Look(problems=[problem(name, "", _("It came to be meanwhile.")) for name in error.kinds])
    except Tenant.DoesNotExist:
        log.info("somebody else removed the tenant", tenant=str(tenant.pk))
    return Look()


def look_at_kind(emptying: Emptying, actor: Actor, kind: Kind, rows: list[Any]) -> Look:
    look = Look()
    if kind.name == "operations":  # what is under way by itself: it ends, and is looked at again
        look.is_waiting = True
        return look
    last = last_of(kind, rows)
    for row in rows:
        operation = last.get(row.pk)
        if operation is not None and operation.is_open and operation.kind in ENDS.get(kind.name, ()):
            if operation.verb != "delete":
                look.is_waiting = True
                continue
        elif is_failed(operation, emptying, kind):
            look.problems.append(problem(kind.name, str(row), why_failed(operation), operation))
            continue
        if why := ask(actor, kind, row, also_delete=emptying.also_delete):
            look.problems.append(problem(kind.name, str(row), why))
        else:
            look.is_waiting = True
    failpoint(f"tenant.empty.{kind.name}.asked")
    return look


def last_of(kind: Kind, rows: list[Any]) -> dict[UUID, Operation]:
    """The newest operation on each of them, in one query."""
    found: dict[UUID, Operation] = {}
    for operation in Operation.objects.filter(
        target_id__in=[row.pk for row in rows if isinstance(row.pk, UUID)]
    ).order_by("created_at"):
        found[operation.target_id] = operation
    return found


def is_failed(operation: Operation | None, emptying: Emptying, kind: Kind) -> bool:
    """Its deletion was tried, since this was asked for or resumed, and failed."""
    if operation is None or operation.state != State.FAILED or operation.kind not in ENDS.get(kind.name, ()):
        return False
    return operation.created_at >= emptying.begun_at


def why_failed(operation: Operation | None) -> str:
    failure = operation.failure if operation else None
    return f"{failure.cause} {failure.action}" if failure else _("It failed.")


def problem(kind: str, name: str, why: str, operation: Operation | None = None) -> dict[str, str]:
    return {"kind": kind, "name": name[:255], "why": why, "operation": str(operation.pk) if operation else ""}


# --- asking --------------------------------------------------------------------------------


def ask(actor: Actor, kind: Kind, row: Any, *, also_delete: bool) -> str:
    """Have it deleted. Why that is not possible, in words; empty when it is asked for, or gone.

    `also_delete`: a place is deleted on its cloud as well, where that is possible.
    """
    try:
        if kind.name == "places":
            ask_place(actor, row, also_delete=also_delete)
        else:
            ASKS[kind.name](actor, row)
    except (refusals.NotPossible, networks.NotPossible) as error:
        return str(error)
    except places.NotPossible as error:
        return sentence(error, cloud=row.cloud)
    except flow.AlreadyUnderWay:
        return _("Another change of it is under way; wait for it to end.")
    except PermissionDenied as error:
        return str(error)
    except ObjectDoesNotExist:
        return ""
    return ""


def ask_instance(actor: Actor, row: Instance) -> None:
    """Without the time in which it could be restored. One that is locked is unlocked first."""
    verb = "unlock" if row.is_locked and not row.is_hidden else "delete-now"
    instances.change(actor, row.pk, verb)


def ask_place(actor: Actor, row: CloudAccount, *, also_delete: bool) -> None:
    places.unlink(actor, row, remove=also_delete and row.cloud.has_places and places.can_remove(row))


ASKS: dict[str, Callable[[Actor, Any], object]] = {
    "instances": ask_instance,
    "floating-ips": lambda actor, row: networks.release(actor, row.pk),
    "routers": lambda actor, row: networks.delete_router(actor, row.pk),
    "networks": lambda actor, row: networks.delete_network(actor, row.pk),
    "security-groups": lambda actor, row: networks.delete_group(actor, row.pk),
    "key-pairs": lambda actor, row: keypairs.delete(actor, row.pk),
    "templates": lambda actor, row: templates.delete(actor, row.pk),
}


# --- what came of it -----------------------------------------------------------------------


def note(emptying: Emptying, tenant: Tenant, look: Look) -> None:
    """How much is left. It stops where something stands in the way, nothing is under way, and long nothing moved."""
    now, numbers = timezone.now(), left.counts(tenant)
    totals = {name: max(number, emptying.totals.get(name, 0)) for name, number in numbers.items()}
    moved = numbers != emptying.left
    fields: dict[str, Any] = {
        "left": numbers,
        "totals": emptying.totals | totals,
        "problems": look.problems[:AT_ONCE],
        "due_at": Now() + timedelta(seconds=PAUSE_S),
        "moved_at": now if moved else emptying.moved_at,
    }
    is_final = any(each["operation"] or not each["kind"] for each in look.problems)
    is_over = look.problems and not look.is_waiting and (is_final or now - fields["moved_at"] > PATIENCE)
    if is_over:
        fields["state"] = Emptying.State.STOPPED
        log.warning("emptying stopped", tenant=tenant.slug, problems=len(look.problems))
    Emptying.objects.filter(pk=emptying.pk, state=Emptying.State.RUNNING).update(**fields)
    if moved or is_over or look.problems != emptying.problems:
        publish(None, "tenants", object_id=emptying.pk)


def end(emptying: Emptying) -> None:
    mine = Emptying.objects.filter(pk=emptying.pk, state=Emptying.State.RUNNING)
    mine.update(state=Emptying.State.DONE, finished_at=timezone.now(), left={}, problems=[])
    publish(None, "tenants", object_id=emptying.pk)
