"""The flows of networks: each step asks the cloud or looks at it, shortly, and may be called again.

Everything that is made carries its row's mark, so that a second call, or the undoing, finds what the first one made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from dashboard.clouds.interface import NetworkSpec
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import Flow, StepDefinition
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import release as give_back

from . import recovery, sync
from .floating import allocate_step, find_marked, forget, networks_of, record
from .models import FloatingIp, Network, Router, Rule, SecurityGroup, Seen
from .recovery import is_undone, model_of
from .rules import spec_of
from .view import View

S = TypeVar("S", bound=Seen)
TOPIC = "networks"
"""All pages of networks listen to this one."""


def row_of(operation: Operation, model: type[S]) -> S:
    """Raises Model.DoesNotExist when somebody removed it meanwhile."""
    return model.objects.select_related("cloud", "tenant").get(pk=operation.target_id)


def note_made(operation: Operation, row: Seen, remote_id: str) -> None:
    """The cloud has it, under this id. Under our fence."""
    with transaction.atomic():
        flow.write(operation)
        row.remote_id, row.acted_at, row.failure = remote_id, timezone.now(), ""
        row.save(update_fields=["remote_id", "acted_at", "failure"])


def view_of(operation: Operation) -> View:
    return View(operation.cloud, operation.tenant if operation.cloud.has_places else None)


# --- networks ---------------------------------------------------------------------


def create_network(operation: Operation) -> None:
    row, networks = row_of(operation, Network), networks_of(operation)
    flow.write(operation)  # our lease, renewed, is longer than what follows
    remote = networks.create_network(network_spec(row))
    failpoint("network.create.done")
    note_made(operation, row, remote.id)


def network_spec(row: Network) -> NetworkSpec:
    asked = row.asked
    return NetworkSpec(
        mark=row.mark,
        name=row.name,
        cidr=asked["cidr"],
        gateway=asked.get("gateway", ""),
        has_dhcp=asked.get("has_dhcp", True),
        dns=tuple(asked.get("dns", ())),
        external_network_id=asked.get("external_network_id", ""),
    )


def remove_network(operation: Operation) -> None:
    """Also what is left of a creation that broke off: whatever carries the mark."""
    row, networks = row_of(operation, Network), networks_of(operation)
    mine = [remote.id for remote in networks.networks() if row.mark and remote.mark == row.mark]
    flow.write(operation)
    for remote_id in mine or [row.remote_id]:
        if remote_id:
            networks.delete_network(remote_id)
    if not row.remote_id:
        for router in networks.routers():
            if row.mark and router.mark == row.mark:
                networks.delete_router(router.id)


def look_at_networks(operation: Operation) -> None:
    view, networks = view_of(operation), networks_of(operation)
    sync.write_networks(view, networks)
    sync.write_ports(view, networks)
    view.close()


def network_failed(operation: Operation) -> None:
    """The router that was to be made with it is forgotten, the network says why."""
    creation_failed(operation)
    row = row_of(operation, Network)
    for router in Router.objects.filter(cloud=row.cloud, tenant=row.tenant, mark=row.mark, remote_id=""):
        forget(router)


# --- routers ----------------------------------------------------------------------


def create_router(operation: Operation) -> None:
    row, networks = row_of(operation, Router), networks_of(operation)
    flow.write(operation)
    remote = networks.create_router(mark=row.mark, name=row.name, external_network_id=row.external_network_id)
    failpoint("router.create.done")
    note_made(operation, row, remote.id)


def connect_router(operation: Operation) -> None:
    row = row_of(operation, Router)
    networks_of(operation).connect_router(row.remote_id, subnet_id=operation.arguments["subnet_id"])


def disconnect_router(operation: Operation) -> None:
    row = row_of(operation, Router)
    networks_of(operation).disconnect_router(row.remote_id, subnet_id=operation.arguments["subnet_id"])


def remove_router(operation: Operation) -> None:
    row, networks = row_of(operation, Router), networks_of(operation)
    mine = [remote.id for remote in networks.routers() if row.mark and remote.mark == row.mark]
    flow.write(operation)
    if remote_id := row.remote_id or next(iter(mine), ""):
        networks.delete_router(remote_id)


# --- security groups --------------------------------------------------------------


def create_group(operation: Operation) -> None:
    row, networks = row_of(operation, SecurityGroup), networks_of(operation)
    flow.write(operation)
    remote = networks.create_security_group(mark=row.mark, name=row.name, description=row.description)
    failpoint("security-group.create.done")
    note_made(operation, row, remote.id)


def remove_group(operation: Operation) -> None:
    row, networks = row_of(operation, SecurityGroup), networks_of(operation)
    mine = [remote.id for remote in networks.security_groups() if row.mark and remote.mark == row.mark]
    flow.write(operation)
    if remote_id := row.remote_id or next(iter(mine), ""):
        networks.delete_security_group(remote_id)


def add_rule(operation: Operation) -> None:
    """The cloud takes the same rule twice as one; so do we."""
    rule = Rule.objects.select_related("group").get(pk=operation.target_id)
    remote = networks_of(operation).add_rule(rule.group.remote_id, spec_of(rule))
    with transaction.atomic():
        flow.write(operation)
        Rule.objects.filter(group=rule.group, remote_id=remote.id).exclude(pk=rule.pk).delete()
        Rule.objects.filter(pk=rule.pk).update(remote_id=remote.id)


def forget_rule(operation: Operation) -> None:
    Rule.objects.filter(pk=operation.target_id).delete()


def remove_rule(operation: Operation) -> None:
    networks_of(operation).remove_rule(operation.arguments["rule_id"])


def look_at_groups(operation: Operation) -> None:
    view = view_of(operation)
    sync.write_groups(view, networks_of(operation))
    view.close()


# --- floating IPs -----------------------------------------------------------------


def allocate(operation: Operation) -> None:
    allocate_step(operation, row_of(operation, FloatingIp))


def associate(operation: Operation) -> None:
    row, arguments = row_of(operation, FloatingIp), operation.arguments
    remote = networks_of(operation).associate(
        row.remote_id, port_id=arguments["port_id"], fixed_address=arguments["fixed_address"]
    )
    record(operation, row, remote)


def disassociate(operation: Operation) -> None:
    networks_of(operation).disassociate(row_of(operation, FloatingIp).remote_id)


def release(operation: Operation) -> None:
    """The row goes when the operation ends."""
    row, networks = row_of(operation, FloatingIp), networks_of(operation)
    if remote_id := row.remote_id or find_marked(networks, row.mark):
        flow.write(operation)
        networks.release(remote_id)


def look_at_floating_ips(operation: Operation) -> None:
    view = view_of(operation)
    sync.write_floating_ips(view, networks_of(operation))
    view.close()


# --- the ends -----------------------------------------------------------------------


def done(operation: Operation) -> None:
    """What was wrong before is not any more."""
    model_of(operation).objects.filter(pk=operation.target_id).exclude(failure="").update(failure="")


def failed(operation: Operation) -> None:
    """The row stays as the cloud shows it, and says why."""
    model_of(operation).objects.filter(pk=operation.target_id).update(failure=operation.error_code)


def creation_failed(operation: Operation) -> None:
    """The row stays with the reason until somebody deletes it; the undoing left nothing, so its quota is free."""
    failed(operation)
    if is_undone(operation):
        model_of(operation).objects.filter(pk=operation.target_id).update(remote_id="")
        give_back(operation.tenant, holder=operation.target_id)


def ended(operation: Operation) -> None:
    row = model_of(operation).objects.select_related("tenant").filter(pk=operation.target_id).first()
    if row is not None:
        forget(row)


def nothing(operation: Operation) -> None:
    """The rows were written on the way."""


Run = Callable[[Operation], None]


def making(kind: str, create: Run, *, undo: Run, look: Run, ended_by: str, on_failed: Run = creation_failed) -> None:
    clean_up = StepDefinition(name="clean-up", run=undo)
    steps = (StepDefinition(name="create", run=create, undo=clean_up), StepDefinition(name="seen", run=look))
    mended = recovery.making(ended_by)
    flow.register(Flow(kind=kind, steps=steps, on_done=done, on_failed=on_failed, topic=TOPIC, recovery=mended))


def changing(kind: str, run: Run, *, look: Run, on_done: Run = done, on_failed: Run = failed) -> None:
    steps = (StepDefinition(name="ask", run=run), StepDefinition(name="seen", run=look))
    mended = recovery.CHANGING
    flow.register(Flow(kind=kind, steps=steps, on_done=on_done, on_failed=on_failed, topic=TOPIC, recovery=mended))


def ending(kind: str, run: Run, *, look: Run) -> None:
    steps = (StepDefinition(name="delete", run=run), StepDefinition(name="seen", run=look))
    mended = recovery.CHANGING
    flow.register(Flow(kind=kind, steps=steps, on_done=ended, on_failed=failed, topic=TOPIC, recovery=mended))


making(
    "network.create",
    create_network,
    undo=remove_network,
    look=look_at_networks,
    on_failed=network_failed,
    ended_by="network.delete",
)
ending("network.delete", remove_network, look=look_at_networks)
making("router.create", create_router, undo=remove_router, look=look_at_networks, ended_by="router.delete")
changing("router.connect", connect_router, look=look_at_networks)
changing("router.disconnect", disconnect_router, look=look_at_networks)
ending("router.delete", remove_router, look=look_at_networks)
making("security-group.create", create_group, undo=remove_group, look=look_at_groups, ended_by="security-group.delete")
changing("security-group.add-rule", add_rule, look=look_at_groups, on_done=nothing, on_failed=forget_rule)
changing("security-group.remove-rule", remove_rule, look=look_at_groups, on_done=nothing, on_failed=nothing)
ending("security-group.delete", remove_group, look=look_at_groups)
making("floating-ip.allocate", allocate, undo=release, look=look_at_floating_ips, ended_by="floating-ip.release")
changing("floating-ip.associate", associate, look=look_at_floating_ips)
changing("floating-ip.disassociate", disassociate, look=look_at_floating_ips)
ending("floating-ip.release", release, look=look_at_floating_ips)
