"""Networks, and who may talk to whom on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSubnet:
    id: str
    network_id: str
    name: str
    cidr: str
    gateway: str = ""
    has_dhcp: bool = True
    dns: tuple[str, ...] = ()
    pools: tuple[tuple[str, str], ...] = ()
    """First and last address of each range that ports get theirs from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteNetwork:
    id: str
    name: str
    status: str
    """`ACTIVE`, `DOWN`, `BUILD`, `ERROR`, or the cloud's own word."""
    is_external: bool = False
    """Leads out of the cloud; floating IPs come from it."""
    is_shared: bool = False
    is_own: bool = True
    """Belongs to the place whose credential the driver has; only such can be changed."""
    mtu: int = 0
    zone: str = ""
    """The one availability zone in which it lies, and with it its instances; empty where it spans zones."""
    subnets: tuple[RemoteSubnet, ...] = ()
    mark: str = ""
    """Our id, where we made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRouter:
    id: str
    name: str
    status: str
    external_network_id: str = ""
    external_addresses: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    """What it connects."""
    mark: str = ""
    """Our id, where we made it; the network's, where both were made together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePort:
    id: str
    network_id: str
    mac: str
    status: str
    addresses: tuple[tuple[str, str], ...] = ()
    """(subnet id, address) each."""
    instance_id: str = ""
    """The cloud's id of the instance that it is plugged into."""
    owner: str = ""
    """The cloud's word for what holds it, such as `compute:nova` or `network:dhcp`."""
    security_group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRule:
    """One rule of a security group. Ports are inclusive; 0, 0 with a protocol means all of it."""

    id: str
    direction: str
    """`ingress` or `egress`."""
    family: str
    """`IPv4` or `IPv6`."""
    protocol: str = ""
    """`tcp`, `udp`, `icmp`, ...; empty: any."""
    port_min: int = 0
    port_max: int = 0
    cidr: str = ""
    """The other side; empty with `group_id` empty too: anybody."""
    group_id: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSecurityGroup:
    id: str
    name: str
    description: str = ""
    rules: tuple[RemoteRule, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFloatingIp:
    id: str
    address: str
    network_id: str
    status: str
    port_id: str = ""
    fixed_address: str = ""
    mark: str = ""
    """Our id, where we allocated it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """A network with one subnet, and where `external_network_id` is given a router to the outside.

    `mark` is our id; all parts carry it, and a second call with it finds what the first one made.
    """

    mark: str
    name: str
    cidr: str
    gateway: str = ""
    """Empty: the cloud's choice, normally the first address."""
    has_dhcp: bool = True
    dns: tuple[str, ...] = ()
    external_network_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    direction: str
    family: str = "IPv4"
    protocol: str = ""
    port_min: int = 0
    port_max: int = 0
    cidr: str = ""
    group_id: str = ""
    description: str = ""


class Networks(Protocol):
    """What a place sees and owns of the cloud's networks. One call each; joins are made in rows.

    Creates carry our mark and look for it first: after a lost answer the same call finds what was made.
    Deleting what is gone is success. Asking for what holds already is success.
    """

    def networks(self) -> tuple[RemoteNetwork, ...]:
        """With their subnets."""
        ...

    def routers(self) -> tuple[RemoteRouter, ...]: ...

    def ports(self) -> tuple[RemotePort, ...]: ...

    def security_groups(self) -> tuple[RemoteSecurityGroup, ...]: ...

    def floating_ips(self) -> tuple[RemoteFloatingIp, ...]: ...

    def create_network(self, spec: NetworkSpec) -> RemoteNetwork:
        """Network, subnet and router; whichever part exists already with the mark is kept."""
        ...

    def delete_network(self, network_id: str) -> None:
        """With its subnets, and with a router that carries the same mark. Raises Conflict while ports use it."""
        ...

    def create_router(self, *, mark: str, name: str, external_network_id: str = "") -> RemoteRouter: ...

    def connect_router(self, router_id: str, *, subnet_id: str) -> None: ...

    def disconnect_router(self, router_id: str, *, subnet_id: str) -> None: ...

    def delete_router(self, router_id: str) -> None:
        """With its interfaces."""
        ...

    def create_security_group(self, *, mark: str, name: str, description: str = "") -> RemoteSecurityGroup: ...

    def delete_security_group(self, group_id: str) -> None: ...

    def add_rule(self, group_id: str, rule: RuleSpec) -> RemoteRule:
        """The same rule a second time is the first one."""
        ...

    def remove_rule(self, rule_id: str) -> None: ...

    def set_security_groups(self, port_id: str, *, group_ids: Iterable[str]) -> None:
        """Exactly these."""
        ...

    def allocate(self, *, mark: str, network_id: str) -> RemoteFloatingIp: ...

    def associate(self, floating_ip_id: str, *, port_id: str, fixed_address: str = "") -> RemoteFloatingIp: ...

    def disassociate(self, floating_ip_id: str) -> None: ...

    def release(self, floating_ip_id: str) -> None: ...
