"""Networks, routers, groups and addresses as the pages show them, in a number of queries that does not grow."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dashboard.operations.failures import Failure, failure
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor

from .models import FloatingIp, Network, Router, SecurityGroup, Seen, Subnet
from .plugs import Plug, Plugs, names
from .verbs import VERBS, Verb, why_not

S = TypeVar("S", bound=Seen)
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Button:
    """`why_not` is empty when it may be pressed, else the reason why it is grey."""

    kind: str
    verb: Verb
    why_not: str

    @property
    def name(self) -> str:
        return self.kind.partition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Generic[S]):
    """One thing with what is under way on it. `users` are the names of what would be cut off by deleting it."""

    thing: S
    actor: Actor
    operation: Operation | None = None
    users: list[str] = field(default_factory=list)

    @property
    def look(self) -> str:
        """The CSS class of its status."""
        if self.operation or (not self.thing.remote_id and not self.thing.failure):
            return "busy"
        return looks(self.thing)

    @property
    def word(self) -> Text:
        if self.operation:
            return VERBS[self.operation.kind].doing if self.operation.kind in VERBS else _("Being made")
        if not self.thing.remote_id:
            return _("Could not be made") if self.thing.failure else _("Being made")
        return words(self.thing)

    @property
    def failure(self) -> Failure | None:
        return failure(self.thing.failure) if self.thing.failure and not self.operation else None

    def button(self, kind: str) -> Button:
        reason = why_not(self.thing, kind, role=self.actor.role, operation=self.operation, users=self.users)
        return Button(kind, VERBS[kind], reason)


def looks(thing: Seen) -> str:
    if not thing.remote_id:
        return "error"
    if isinstance(thing, FloatingIp):
        return "active" if thing.port_id else "shutoff"
    known = {"ACTIVE": "active", "BUILD": "build", "DOWN": "shutoff", "ERROR": "error"}
    return known.get(getattr(thing, "status", "ACTIVE"), "unknown")


def words(thing: Seen) -> str:
    if isinstance(thing, FloatingIp):
        return _("In use") if thing.port_id else _("Free")
    status = getattr(thing, "status", "ACTIVE")
    known = {"ACTIVE": _("Active"), "BUILD": _("Building"), "DOWN": _("Down"), "ERROR": _("Error")}
    return known.get(status, status)


def open_operations(actor: Actor) -> dict[UUID, Operation]:
    """All of the tenant that are open, by what they work on; one query. A launch is also about its floating IP."""
    found: dict[UUID, Operation] = {}
    for operation in Operation.objects.for_tenant(actor.tenant).open():
        found[operation.target_id] = operation
        if planned := operation.arguments.get("floating_ip"):
            found[UUID(planned)] = operation
    return found


# --- networks ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRow(Row[Network]):
    plugs: list[Plug]
    subnets: list[Subnet]
    routers: list[Router]
    """Those that connect it."""

    @property
    def whose(self) -> Text:
        if self.thing.is_external:
            return _("leads out")
        return _("this tenant's") if self.thing.is_own else _("shared with it")

    @property
    def delete_button(self) -> Button:
        return self.button("network.delete")

    @property
    def instances(self) -> int:
        return len({plug.port.instance_id for plug in self.plugs if plug.port.instance_id})

    @property
    def free(self) -> tuple[int, int] | None:
        """Free addresses and all of them, of IPv4. None where others plug in as well, whose ports we do not see."""
        if not self.thing.is_own or self.thing.is_external or self.thing.is_shared or not self.subnets:
            return None
        taken = {address for plug in self.plugs for address in plug.addresses}
        return free_of(self.subnets, taken)


def free_of(subnets: Iterable[Subnet], taken: Iterable[str]) -> tuple[int, int] | None:
    pools = [(first, last) for subnet in subnets for first, last in pools_of(subnet)]
    if not pools:
        return None
    numbers = [int(address) for text in taken if (address := ipaddress.ip_address(text)).version == 4]
    total = sum(last - first + 1 for first, last in pools)
    used = sum(any(first <= number <= last for first, last in pools) for number in numbers)
    return total - used, total


def pools_of(subnet: Subnet) -> list[tuple[int, int]]:
    ends = [(ipaddress.ip_address(first), ipaddress.ip_address(last)) for first, last in subnet.pools]
    return [(int(first), int(last)) for first, last in ends if first.version == 4]


def network_row(network: Network, *, actor: Actor, plugs: Plugs, operation: Operation | None) -> NetworkRow:
    subnets = list(network.subnets.all())
    return NetworkRow(
        thing=network,
        actor=actor,
        operation=operation,
        users=plugs.holding(network),
        plugs=plugs.of(network),
        subnets=subnets,
        routers=plugs.connecting(network, {subnet.remote_id for subnet in subnets}),
    )


def network_rows(actor: Actor, *, plugs: Plugs, operations: Mapping[UUID, Operation]) -> list[NetworkRow]:
    """The tenant's own first, then the shared ones, then those that lead out."""
    networks = Network.objects.for_tenant(actor.tenant).select_related("cloud", "tenant").prefetch_related("subnets")
    rows = [network_row(n, actor=actor, plugs=plugs, operation=operations.get(n.pk)) for n in networks]
    return sorted(rows, key=lambda row: (row.thing.is_external, not row.thing.is_own))


# --- routers ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterRow(Row[Router]):
    external: Network | None
    """Where it leads out, when we know that network."""
    subnets: list[Subnet]


def router_rows(
    actor: Actor, *, plugs: Plugs, networks: Iterable[NetworkRow], operations: Mapping[UUID, Operation]
) -> list[RouterRow]:
    """A network that is being made takes its router along."""
    networks = list(networks)
    subnets = {(s.cloud_id, s.remote_id): s for row in networks for s in row.subnets}
    by_id = {(row.thing.cloud_id, row.thing.remote_id): row.thing for row in networks if row.thing.remote_id}
    rows = []
    for router in plugs.routers:
        connected = [subnets[router.cloud_id, id_] for id_ in router.subnet_ids if (router.cloud_id, id_) in subnets]
        rows.append(
            RouterRow(
                thing=router,
                actor=actor,
                operation=operations.get(router.pk),
                external=by_id.get((router.cloud_id, router.external_network_id)),
                subnets=connected,
            )
        )
    return rows


# --- security groups --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow(Row[SecurityGroup]):
    rules: int
    plugs: list[Plug]

    @property
    def delete_button(self) -> Button:
        return self.button("security-group.delete")

    @property
    def instances(self) -> int:
        return len({plug.port.instance_id for plug in self.plugs if plug.port.instance_id})


def group_rows(actor: Actor, *, plugs: Plugs, operations: Mapping[UUID, Operation]) -> list[GroupRow]:
    groups = SecurityGroup.objects.for_tenant(actor.tenant).select_related("cloud", "tenant").prefetch_related("rules")
    rows = []
    for group in groups:
        using = plugs.using(group)
        rows.append(
            GroupRow(
                thing=group,
                actor=actor,
                operation=operations.get(group.pk),
                users=names(using),
                rules=len(group.rules.all()),
                plugs=using,
            )
        )
    return rows


# --- floating IPs -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow(Row[FloatingIp]):
    plug: Plug | None
    """Where it leads to."""
    network: Network | None
    """Where it comes from."""

    @property
    def associate_button(self) -> Button:
        return self.button("floating-ip.associate")

    @property
    def disassociate_button(self) -> Button:
        return self.button("floating-ip.disassociate")

    @property
    def release_button(self) -> Button:
        return self.button("floating-ip.release")


def address_rows(actor: Actor, *, plugs: Plugs, operations: Mapping[UUID, Operation]) -> list[AddressRow]:
    ports = {(port.cloud_id, port.remote_id): port for port in plugs.ports}
    external = Network.objects.for_tenant(actor.tenant).filter(is_external=True)
    networks = {(network.cloud_id, network.remote_id): network for network in external}
    rows = []
    for address in FloatingIp.objects.for_tenant(actor.tenant).select_related("cloud", "tenant"):
        port = ports.get((address.cloud_id, address.port_id)) if address.port_id else None
        rows.append(
            AddressRow(
                thing=address,
                actor=actor,
                operation=operations.get(address.pk),
                plug=plugs.plug(port) if port else None,
                network=networks.get((address.cloud_id, address.network_id)),
            )
        )
    return rows
