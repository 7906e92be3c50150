"""The steps of a launch that a plain one does not have: a server group before, a floating IP after."""

from __future__ import annotations

from django.db import transaction

from dashboard.networks import floating
from dashboard.networks.models import FloatingIp
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import StepDefinition, StepFailed, Wait
from dashboard.operations.models import Operation, Step

from .models import Instance
from .placing import add_group


def make_server_group(operation: Operation) -> None:
    """One of the same name and policy is taken instead of made twice, so that this may be repeated."""
    placing, wanted = operation.driver().placing, operation.arguments["new_group"]
    if placing is None:
        raise StepFailed("refused-other", detail="the cloud has no server groups")
    flow.write(operation)
    group = placing.create_group(name=wanted["name"], policy=wanted["policy"])
    failpoint("instance.launch.server-group.done")
    with transaction.atomic():
        flow.write(operation)
        instance = Instance.objects.select_for_update().get(pk=operation.target_id)
        instance.asked = {**instance.asked, "server_group": group.id}
        instance.save(update_fields=["asked"])
        add_group(operation.cloud, operation.tenant, group_id=group.id, name=group.name, policy=group.policy)


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
