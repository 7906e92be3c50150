"""Floating IPs as a part of something larger, such as a launch: a row, then two steps, or one that takes it back.

    row = plan(actor, cloud=cloud, network=network)        in the transaction that asks for the whole
    allocate_step(operation, row)
    associate_step(operation, row, instance_remote_id)     a Wait while the instance has no port yet
    release_step(operation, row)                           instead, at any time: nothing is left of it
    forget(row)                                            instead, where no step was begun

Each may be called again at any time. The row's mark is on the cloud's floating IP, so a worker that was killed
between asking and writing leaves one.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from dashboard.clouds.interface import Networks, RemoteFloatingIp, RemotePort
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import StepFailed, Wait
from dashboard.operations.models import Operation
from dashboard.quotas.models import Resource
from dashboard.quotas.reservations import release, reserve
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from . import fields
from .models import FloatingIp, Network, Router, Seen


def plan(actor: Actor, *, cloud: Cloud, network: Network) -> FloatingIp:
    """A row for an address that is to come from the external `network`, and its quota, in the caller's transaction.

    Raises QuotaExceeded, after which that must not commit.
    """
    actor.require(Role.MEMBER)
    row = row_for(actor, cloud=cloud, network_id=network.remote_id)
    reserve(actor.tenant, {Resource.FLOATING_IPS: 1}, holder=row.pk, cloud_id=row.cloud_id)
    row.save(force_insert=True)
    return row


def plan_again(operation: Operation) -> None:
    """The row and the quota that a launch had planned and gave back, under the same id. Raises QuotaExceeded."""
    pk, network_id = operation.arguments["floating_ip"], operation.arguments["floating_network"]
    row = FloatingIp(pk=UUID(pk), tenant=operation.tenant, cloud=operation.cloud, network_id=network_id, mark=pk)
    reserve(operation.tenant, {Resource.FLOATING_IPS: 1}, holder=row.pk, cloud_id=row.cloud_id)
    row.save(force_insert=True)


def row_for(actor: Actor, *, cloud: Cloud, network_id: str) -> FloatingIp:
    """One that is not saved, and holds no quota. `network_id` is the cloud's id of the external network."""
    row = FloatingIp(tenant=actor.tenant, cloud=cloud, network_id=network_id)
    row.mark = str(row.pk)
    return row


def allocate_step(operation: Operation, row: FloatingIp) -> None:
    """Have the cloud give an address; the one with the row's mark where it did already. Raises CloudError."""
    networks = networks_of(operation)
    flow.write(operation)  # our lease, renewed, is longer than the one call that follows
    remote = networks.allocate(mark=row.mark, network_id=row.network_id)
    failpoint("floating-ip.allocate.done")
    record(operation, row, remote)


def associate_step(operation: Operation, row: FloatingIp, instance_remote_id: str) -> Wait | None:
    """Lead the address to the instance: to its first port that a router connects with where the address comes from."""
    networks = networks_of(operation)
    ports = [port for port in networks.ports() if port.instance_id == instance_remote_id and port.addresses]
    if not ports:
        return Wait(1)
    port = best_port(row, ports)
    flow.write(operation)
    remote = networks.associate(row.remote_id, port_id=port.id, fixed_address=ipv4_of(port))
    record(operation, row, remote)
    return None


def release_step(operation: Operation, row: FloatingIp) -> None:
    """Nothing of it is left, on the cloud or here, and its quota is free again."""
    networks = networks_of(operation)
    remote_id = row.remote_id or find_marked(networks, row.mark)
    if remote_id:
        flow.write(operation)
        networks.release(remote_id)
    with transaction.atomic():
        flow.write(operation)
        forget(row)


def networks_of(operation: Operation) -> Networks:
    """Raises StepFailed on a cloud that has none (any more)."""
    networks = operation.driver().networks
    if networks is None:
        raise StepFailed("refused-other", detail="the cloud has no networks")
    return networks


def find_marked(networks: Networks, mark: str) -> str:
    return next((remote.id for remote in networks.floating_ips() if mark and remote.mark == mark), "")


def best_port(row: FloatingIp, ports: Iterable[RemotePort]) -> RemotePort:
    """Those from which a router leads to the address's network come first; then those with an IPv4 address."""
    leading_out = connected_subnets(row)
    return max(ports, key=lambda port: (bool(leading_out & {s for s, _ in port.addresses}), bool(ipv4_of(port))))


def connected_subnets(row: FloatingIp) -> set[str]:
    routers = Router.objects.filter(cloud=row.cloud, tenant=row.tenant, external_network_id=row.network_id)
    return {subnet_id for ids in routers.values_list("subnet_ids", flat=True) for subnet_id in ids}


def ipv4_of(port: RemotePort) -> str:
    """A floating IP leads to an IPv4 address."""
    return next((address for _, address in port.addresses if ":" not in address), "")


def record(operation: Operation, row: FloatingIp, remote: RemoteFloatingIp) -> None:
    """Write what the cloud answered, under our fence."""
    with transaction.atomic():
        flow.write(operation)
        seen = {**fields.of_floating_ip(remote), "remote_id": remote.id, "acted_at": timezone.now(), "failure": ""}
        for name, value in seen.items():
            setattr(row, name, value)
        row.save(update_fields=list(seen))
        publish(row.tenant_id, "networks", object_id=row.pk)


def forget(row: Seen) -> None:
    """The cloud does not have it: neither have we. Part of the caller's transaction; twice is harmless."""
    if row.tenant is not None:
        release(row.tenant, holder=row.pk)
    type(row).objects.filter(pk=row.pk).delete()
    publish(row.tenant_id, "networks", object_id=row.pk)
