"""What can be done about an operation on an instance that failed or hangs; see operations/recovery.py.

A launch is resumed with the same row: what its failure gave back is taken again, and what the cloud built into ERROR
is removed and asked for once more. Rolling it back leaves nothing of it, here or on the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.clouds.interface import Status
from dashboard.clouds.maintenance import why_closed
from dashboard.networks import floating
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import StepDefinition
from dashboard.operations.models import Operation
from dashboard.operations.recovery import NotPossible, Recovery
from dashboard.quotas.reservations import QuotaExceeded, held_by, release, reserve
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from .allowed import why_not
from .counting import count
from .launching import forget_address, planned_address
from .limit_again import REFUSED
from .models import Instance
from .placing import forget_group
from .shortages import sentence


def instance_of(operation: Operation) -> Instance | None:
    return Instance.objects.select_related("cloud", "tenant", "flavor").filter(pk=operation.target_id).first()


def why_gone(operation: Operation) -> str:
    instance = instance_of(operation)
    return _("The instance is deleted.") if instance is None or instance.deleted_at else ""


def why_not_launched(operation: Operation) -> str:
    """One that failed is load anew. One that is under way when a cloud is closed comes to its end."""
    return why_gone(operation) or why_closed(operation.cloud)


def why_no_verb(operation: Operation) -> str:
    """A verb is resumed where it could be asked for anew, or where it only has to be waited for."""
    instance = instance_of(operation)
    if instance is None or instance.deleted_at:
        return _("The instance is deleted.")
    if operation.steps.filter(position=0, state="done").exists() and instance.task:
        return ""
    return why_not(instance, operation.verb, role=Role.ADMIN, operation=None)


def why_asked_anew(operation: Operation) -> str:
    return _("A resize that failed is over, and its quota with it. Ask for it anew.")


def why_deleted_again(operation: Operation) -> str:
    return _("Press Delete or Restore again: what was done already is found.")


def why_not_stopped(operation: Operation) -> str:
    return _("It is on its way out. While it can be restored, its page offers that.")


# --- a launch ---------------------------------------------------------------------


def take_again(operation: Operation, actor: Actor) -> None:
    """What the failure gave back, and a row that is being built again. Raises NotPossible where it does not fit."""
    instance = instance_of(operation)
    assert instance is not None
    try:
        if not held_by(instance.tenant, holder=instance.pk):
            reserve(instance.tenant, instance.resources, holder=instance.pk, cloud_id=instance.cloud_id)
        if operation.arguments.get("floating_ip") and planned_address(operation) is None:
            floating.plan_again(operation)
    except QuotaExceeded as error:
        raise NotPossible(" ".join(sentence(short) for short in error.shortages), is_quota=True) from error
    if instance.status != Status.ERROR:
        return
    if instance.remote_id:  # `built` removes it first: see limit_again.py
        operation.arguments = {**operation.arguments, REFUSED: instance.remote_id}
        operation.save(update_fields=["arguments"])
    Instance.objects.filter(pk=instance.pk).update(status=Status.BUILD, failure="", failure_values={}, fault="")


def left(operation: Operation) -> Mapping[str, Any]:
    """What rolling back finds: the last first."""
    kept = {name: operation.arguments[name] for name in ("floating_ip", "made_group") if operation.arguments.get(name)}
    return {"launch": str(operation.pk), **kept}


def forget(operation: Operation) -> None:
    """The cloud was not asked yet: nothing is left here either."""
    forget_address(operation)
    release(operation.tenant, holder=operation.target_id)
    now, cancelled = timezone.now(), {"failure": "cancelled", "failure_values": {}}
    Instance.objects.filter(pk=operation.target_id).update(deleted_at=now, status=Status.DELETED, **cancelled)
    count([operation.target_id], at=now)


# --- rolling it back --------------------------------------------------------------


def remove_group(operation: Operation) -> None:
    """One that the launch made, unless another instance is in it by now. It goes last: the instance was in it."""
    group_id = operation.arguments["made_group"]
    placing = operation.driver().placing
    others = Instance.objects.for_tenant(operation.tenant).present().filter(cloud=operation.cloud)
    if placing is None or others.filter(asked__server_group=group_id).exclude(pk=operation.target_id).exists():
        return
    flow.write(operation)
    placing.delete_group(group_id)
    failpoint("instance.roll-back.remove-group.done")
    with transaction.atomic():
        flow.write(operation)
        forget_group(operation.cloud, operation.tenant, group_id=group_id)
        leave_group(operation, group_id)


def leave_group(operation: Operation, group_id: str) -> None:
    """Those that were in it are deleted; whoever is launched again of the same batch must not look for it."""
    for instance in Instance.objects.for_tenant(operation.tenant).filter(asked__server_group=group_id):
        instance.asked = {name: value for name, value in instance.asked.items() if name != "server_group"}
        instance.save(update_fields=["asked"])


REMOVE_GROUP = StepDefinition(name="remove-group", run=remove_group, wants="made_group")
LAUNCH = Recovery(
    why_not_resume=why_not_launched,
    take_again=take_again,
    roll_back="instance.roll-back",
    also_open=True,
    why_not_roll_back=why_gone,
    left=left,
    forget=forget,
)
VERB = Recovery(why_not_resume=why_no_verb)
RESIZE = Recovery(why_not_resume=why_asked_anew)
ENDING = Recovery(why_not_resume=why_gone, why_not_cancel=why_not_stopped)
DELETING = Recovery(why_not_resume=why_deleted_again, why_not_cancel=why_not_stopped)
