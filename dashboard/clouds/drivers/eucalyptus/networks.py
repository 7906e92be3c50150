"""Networks of an account, as far as they are seen and chosen, and all of security groups and elastic addresses.

`network_mapping.py` says which of Eucalyptus' things are which of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from ...interface import (
    NetworkSpec,
    Refused,
    RemoteFloatingIp,
    RemoteNetwork,
    RemotePort,
    RemoteRouter,
    RemoteRule,
    RemoteSecurityGroup,
    RuleSpec,
)
from .addresses import Addresses
from .ec2 import Ec2
from .errors import understood
from .groups import Groups
from .instances import has_ended
from .mapping import NO_ADDRESS
from .markup import items, rows, text
from .network_mapping import FLAT, PUBLIC, flat, outside, to_network, to_port
from .session import Session


class EucalyptusNetworks:
    def __init__(self, session: Session, ec2: Ec2) -> None:
        self.session, self.ec2 = session, ec2
        self.groups = Groups(session, ec2)
        self.addresses = Addresses(session, ec2, self.groups, ports=self.ports)

    def networks(self) -> tuple[RemoteNetwork, ...]:
        if not self.session.has_vpc:
            return (flat(), outside())
        found = self.ec2.rows("describe_subnets", "Subnets")
        with understood():
            return (*sorted(map(to_network, found), key=lambda network: network.name), outside())

    def routers(self) -> tuple[RemoteRouter, ...]:
        return ()

    def ports(self) -> tuple[RemotePort, ...]:
        if self.session.has_vpc:
            found = self.ec2.rows("describe_network_interfaces", "NetworkInterfaces")
            with understood():
                return tuple(map(to_port, found))
        with understood():
            reservations = items(self.session.ec2("DescribeInstances"), "reservationSet/item")
            return tuple(port for reservation in reservations for port in ports_of(reservation))

    # --- security groups

    def security_groups(self) -> tuple[RemoteSecurityGroup, ...]:
        return self.groups.list()

    def create_security_group(self, *, mark: str, name: str, description: str = "") -> RemoteSecurityGroup:
        return self.groups.create(mark=mark, name=name, description=description)

    def delete_security_group(self, group_id: str) -> None:
        self.groups.delete(group_id)

    def add_rule(self, group_id: str, rule: RuleSpec) -> RemoteRule:
        return self.groups.add_rule(group_id, rule)

    def remove_rule(self, rule_id: str) -> None:
        self.groups.remove_rule(rule_id)

    def set_security_groups(self, port_id: str, *, group_ids: Iterable[str]) -> None:
        """Raises Refused for none at all, and where an instance keeps the groups that it was launched with (EDGE)."""
        wanted = list(group_ids)
        if not self.session.has_vpc:
            raise Refused("Unsupported: the groups of an instance are chosen when it is launched", source="ec2")
        if not wanted:
            raise Refused("Unsupported: an interface is in one group at least", source="ec2")
        self.ec2.call("modify_network_interface_attribute", NetworkInterfaceId=port_id, Groups=wanted)

    # --- elastic addresses

    def floating_ips(self) -> tuple[RemoteFloatingIp, ...]:
        return self.addresses.list()

    def allocate(self, *, mark: str, network_id: str) -> RemoteFloatingIp:
        if network_id != PUBLIC:
            raise Refused(f"Unsupported: {network_id} has no public addresses", source="ec2")
        return self.addresses.allocate(mark=mark)

    def associate(self, floating_ip_id: str, *, port_id: str, fixed_address: str = "") -> RemoteFloatingIp:
        return self.addresses.associate(floating_ip_id, port_id=port_id, fixed_address=fixed_address)

    def disassociate(self, floating_ip_id: str) -> None:
        self.addresses.disassociate(floating_ip_id)

    def release(self, floating_ip_id: str) -> None:
        self.addresses.release(floating_ip_id)

    # --- what the driver does not declare

    def create_network(self, spec: NetworkSpec) -> RemoteNetwork:
        raise not_offered()

    def delete_network(self, network_id: str) -> None:
        raise not_offered()

    def create_router(self, *, mark: str, name: str, external_network_id: str = "") -> RemoteRouter:
        raise not_offered()

    def connect_router(self, router_id: str, *, subnet_id: str) -> None:
        raise not_offered()

    def disconnect_router(self, router_id: str, *, subnet_id: str) -> None:
        raise not_offered()

    def delete_router(self, router_id: str) -> None:
        raise not_offered()


def not_offered() -> Refused:
    return Refused("Unsupported: networks of this cloud are made with its own tools", source="ec2", http_status=501)


def ports_of(reservation: Element) -> Iterator[RemotePort]:
    """EDGE: groups are those of the reservation, with which it was launched."""
    for raw in rows(reservation, "instancesSet"):
        if not has_ended(raw):
            yield port_of(raw, groups=rows(raw, "groupSet") or rows(reservation, "groupSet"))


def port_of(raw: Element, *, groups: Iterable[Element]) -> RemotePort:
    """EDGE: an instance has one address on the one network, and no interface that has a name."""
    address = text(raw, "privateIpAddress")
    return RemotePort(
        id=text(raw, "instanceId"),
        network_id=FLAT,
        mac="",
        status="ACTIVE" if text(raw, "instanceState/name") == "running" else "DOWN",
        addresses=((FLAT, address),) if address not in NO_ADDRESS else (),
        instance_id=text(raw, "instanceId"),
        owner="instance",
        security_group_ids=tuple(text(group, "groupId") for group in groups),
    )
