"""The networks of a libvirt host, as its administrator made them. They are chosen at launch and never changed here."""

from __future__ import annotations

import ipaddress
import xml.etree.ElementTree as ET
from collections.abc import Iterable

import libvirt

from ...interface import (
    NetworkChoice,
    NetworkSpec,
    Reason,
    Refused,
    RemoteFloatingIp,
    RemoteNetwork,
    RemotePort,
    RemoteRouter,
    RemoteRule,
    RemoteSecurityGroup,
    RemoteSubnet,
    RuleSpec,
)
from .domain_xml import parse
from .hypervisor import Hypervisor

Lease = tuple[str, str]
"""(id of the subnet, address)."""


class LibvirtNetworks:
    def __init__(self, hypervisor: Hypervisor) -> None:
        self.hypervisor = hypervisor

    def networks(self) -> tuple[RemoteNetwork, ...]:
        return self.hypervisor.run(lambda connection: tuple(map(_describe, _all(connection))))

    def ports(self) -> tuple[RemotePort, ...]:
        """The network cards of all domains that are plugged into one; with the addresses that were leased to them."""
        return self.hypervisor.run(_ports)

    def routers(self) -> tuple[RemoteRouter, ...]:
        return ()

    def security_groups(self) -> tuple[RemoteSecurityGroup, ...]:
        return ()

    def floating_ips(self) -> tuple[RemoteFloatingIp, ...]:
        return ()

    # Without Feature.NETWORK_EDIT, SECURITY_GROUPS and FLOATING_IPS nobody asks for what follows.

    def create_network(self, spec: NetworkSpec) -> RemoteNetwork:
        raise _not_ours()

    def delete_network(self, network_id: str) -> None:
        raise _not_ours()

    def create_router(self, *, mark: str, name: str, external_network_id: str = "") -> RemoteRouter:
        raise _not_ours()

    def connect_router(self, router_id: str, *, subnet_id: str) -> None:
        raise _not_ours()

    def disconnect_router(self, router_id: str, *, subnet_id: str) -> None:
        raise _not_ours()

    def delete_router(self, router_id: str) -> None:
        raise _not_ours()

    def create_security_group(self, *, mark: str, name: str, description: str = "") -> RemoteSecurityGroup:
        raise _not_ours()

    def delete_security_group(self, group_id: str) -> None:
        raise _not_ours()

    def add_rule(self, group_id: str, rule: RuleSpec) -> RemoteRule:
        raise _not_ours()

    def remove_rule(self, rule_id: str) -> None:
        raise _not_ours()

    def set_security_groups(self, port_id: str, *, group_ids: Iterable[str]) -> None:
        raise _not_ours()

    def allocate(self, *, mark: str, network_id: str) -> RemoteFloatingIp:
        raise _not_ours()

    def associate(self, floating_ip_id: str, *, port_id: str, fixed_address: str = "") -> RemoteFloatingIp:
        raise _not_ours()

    def disassociate(self, floating_ip_id: str) -> None:
        raise _not_ours()

    def release(self, floating_ip_id: str) -> None:
        raise _not_ours()


def name_of(connection: libvirt.virConnect, choice: NetworkChoice) -> str:
    """What a domain calls the network that was chosen. Raises Refused."""
    if choice.fixed_address:
        raise Refused("a libvirt host gives the addresses itself", reason=Reason.INVALID)
    try:
        return str(connection.networkLookupByUUIDString(choice.network_id).name())
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_NO_NETWORK, libvirt.VIR_ERR_INVALID_ARG):
            raise Refused(f"no network {choice.network_id}", reason=Reason.INVALID) from error
        raise


def to_network(xml: str, *, is_active: bool) -> RemoteNetwork:
    network = parse(xml)
    network_id, name = network.findtext("uuid", ""), network.findtext("name", "")
    mtu = network.find("mtu")
    return RemoteNetwork(
        id=network_id,
        name=name,
        status="ACTIVE" if is_active else "DOWN",
        is_shared=True,
        is_own=False,
        mtu=int(mtu.get("size", "0")) if mtu is not None else 0,
        subnets=tuple(
            _to_subnet(node, subnet_id=f"{network_id}/{number}", network_id=network_id, name=name)
            for number, node in enumerate(network.findall("ip"))
        ),
    )


def _to_subnet(node: ET.Element, *, subnet_id: str, network_id: str, name: str) -> RemoteSubnet:
    """`node` is an <ip>: the host's own address on the network, which is the guests' way out."""
    gateway = node.get("address", "")
    length = node.get("prefix") or node.get("netmask") or ("64" if node.get("family") == "ipv6" else "24")
    ranges = node.findall("dhcp/range")
    return RemoteSubnet(
        id=subnet_id,
        network_id=network_id,
        name=name,
        cidr=str(ipaddress.ip_network(f"{gateway}/{length}", strict=False)),
        gateway=gateway,
        has_dhcp=bool(ranges),
        pools=tuple((each.get("start", ""), each.get("end", "")) for each in ranges),
    )


def to_ports(xml: str, *, networks: dict[str, str], leases: dict[str, tuple[Lease, ...]]) -> list[RemotePort]:
    """Of one domain. `networks` are the ids by name, `leases` what each MAC address was given."""
    domain = parse(xml)
    found = []
    for card in domain.findall("devices/interface[@type='network']"):
        source, mac = card.find("source"), card.find("mac")
        name = source.get("network", "") if source is not None else ""
        if name in networks and mac is not None:
            address = mac.get("address", "")
            found.append(
                RemotePort(
                    id=f"{domain.findtext('uuid', '')}/{address}",
                    network_id=networks[name],
                    mac=address,
                    status="ACTIVE",
                    addresses=leases.get(address, ()),
                    instance_id=domain.findtext("uuid", ""),
                    owner="compute:libvirt",
                )
            )
    return found


def _ports(connection: libvirt.virConnect) -> tuple[RemotePort, ...]:
    known = _all(connection)
    ids = {network.name(): network.UUIDString() for network in known}
    leases = {mac: each for network in known for mac, each in _leases(network).items()}
    domains = connection.listAllDomains()
    return tuple(port for domain in domains for port in to_ports(domain.XMLDesc(0), networks=ids, leases=leases))


def _all(connection: libvirt.virConnect) -> list[libvirt.virNetwork]:
    """None where the host's libvirt has no driver for networks."""
    try:
        return list(connection.listAllNetworks())
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT:
            return []
        raise


def _describe(network: libvirt.virNetwork) -> RemoteNetwork:
    return to_network(network.XMLDesc(0), is_active=bool(network.isActive()))


def _leases(network: libvirt.virNetwork) -> dict[str, tuple[Lease, ...]]:
    """By MAC address. Empty where the network is down or somebody else gives the addresses."""
    try:
        given = network.DHCPLeases()
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_OPERATION_INVALID):
            return {}
        raise
    return to_leases(given, subnets=_describe(network).subnets)


def to_leases(given: list[dict[str, str]], *, subnets: tuple[RemoteSubnet, ...]) -> dict[str, tuple[Lease, ...]]:
    found: dict[str, tuple[Lease, ...]] = {}
    for lease in given:
        address = ipaddress.ip_address(lease["ipaddr"])
        where = next((subnet.id for subnet in subnets if address in ipaddress.ip_network(subnet.cidr)), "")
        found[lease["mac"]] = (*found.get(lease["mac"], ()), (where, lease["ipaddr"]))
    return found


def _not_ours() -> Refused:
    return Refused("the networks of a libvirt host are its administrator's", reason=Reason.POLICY)
