"""The steps of a launch that a plain one does not have: a server group before, a floating IP after."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from dashboard.clouds.interface import Placing
from dashboard.networks import floating
from dashboard.networks.models import FloatingIp
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import StepDefinition, StepFailed, Wait
from dashboard.operations.models import OPEN, Operation, Step

from .models import Instance
from .placing import add_group


def make_server_group(operation: Operation) -> Wait | None:
    """One for all of a batch. Of the same name and policy it is taken instead of made twice: this may be repeated."""
    if group_id := group_of_batch(operation):
        join_group(operation, group_id)
        return None
    if not is_first(operation):
        return Wait(1)
    placing, wanted = operation.driver().placing, operation.arguments["new_group"]
    if placing is None:
        raise StepFailed("refused-other", detail="the cloud has no server groups")
    makes = will_make_group(operation, placing)
    flow.write(operation)
    group = placing.create_group(name=wanted["name"], policy=wanted["policy"])
    failpoint("instance.launch.server-group.done")
    with transaction.atomic():
        join_group(operation, group.id, is_made=makes)
        add_group(operation.cloud, operation.tenant, group_id=group.id, name=group.name, policy=group.policy)
    return None


def join_group(operation: Operation, group_id: str, *, is_made: bool = False) -> None:
    """`is_made`: it was not there before, so that rolling back removes it."""
    with transaction.atomic():
        flow.write(operation, **({"arguments": {**operation.arguments, "made_group": group_id}} if is_made else {}))
        instance = Instance.objects.select_for_update().get(pk=operation.target_id)
        instance.asked = {**instance.asked, "server_group": group_id}
        instance.save(update_fields=["asked"])


def group_of_batch(operation: Operation) -> str:
    """The group that another launch of the batch has made already; empty while there is none."""
    others = Operation.objects.filter(batch=operation.batch_id).exclude(batch=None)
    asked = Instance.objects.filter(pk__in=others.values("target_id")).values_list("asked", flat=True)
    return next((made["server_group"] for made in asked if made.get("server_group")), "")


def is_first(operation: Operation) -> bool:
    """Whether it is this one of its batch that makes the group: two that ask a cloud at once would make two.

    One that ended may still be inside its one call, until its lease is over.
    """
    if operation.batch_id is None:
        return True
    at_work = Q(state__in=OPEN) | Q(lease_until__gt=Now())
    first = Operation.objects.filter(at_work, batch=operation.batch_id).order_by("created_at", "pk").first()
    return first is None or first.pk == operation.pk


def will_make_group(operation: Operation, placing: Placing) -> bool:
    """Whether it was not there before we asked for the first time: only then may rolling back remove it."""
    wanted = operation.arguments["new_group"]
    if "makes_group" not in operation.arguments:
        there = any((group.name, group.policy) == (wanted["name"], wanted["policy"]) for group in placing.groups())
        flow.write(operation, arguments={**operation.arguments, "makes_group": not there})
    return bool(operation.arguments["makes_group"])


def planned_address(operation: Operation) -> FloatingIp | None:
    """The row that the launch planned, while it is there."""
    rows = FloatingIp.objects.for_tenant(operation.tenant).select_related("cloud", "tenant")
    return rows.filter(pk=operation.arguments.get("floating_ip")).first()


def lead_address(operation: Operation) -> Wait | None:
    """Have the cloud give the address, then lead it to the instance."""
    row = planned_address(operation)
    if row is None:  # released meanwhile, by whoever did not want it any more
        raise StepFailed("gone")
    if not row.remote_id:
        floating.allocate_step(operation, row)
    instance = Instance.objects.get(pk=operation.target_id)
    return floating.associate_step(operation, row, instance.remote_id)


def give_address_back(operation: Operation) -> None:
    """Nothing of it is left, on the cloud or here, and its quota is free."""
    if row := planned_address(operation):
        floating.release_step(operation, row)


def forget_address(operation: Operation) -> None:
    """The launch ended before anybody asked the cloud for the address. In the transaction that ends it."""
    row = planned_address(operation)
    if row is not None and not row.remote_id:
        floating.forget(row)


def is_built(operation: Operation) -> bool:
    """Whether the instance itself is there and well, whatever came of the rest."""
    return operation.steps.filter(name="built", state=Step.State.DONE).exists()


SERVER_GROUP = StepDefinition(name="server-group", run=make_server_group, wants="new_group")
FLOATING_IP = StepDefinition(
    name="floating-ip",
    run=lead_address,
    undo=StepDefinition(name="release-address", run=give_address_back),
    wants="floating_ip",
)
# Of a delete that gave up a launch which had planned an address: it may be half there.
RELEASE_PLANNED = StepDefinition(name="release-planned", run=give_address_back, wants="floating_ip")
