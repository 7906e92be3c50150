"""Networks of a project, over Neutron.

Each create looks first for what carries the mark already, so that a call whose answer was lost can be made again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_network

from ...interface import (
    Conflict,
    NetworkSpec,
    NotFound,
    Reason,
    Refused,
    RemoteFloatingIp,
    RemoteNetwork,
    RemotePort,
    RemoteRouter,
    RemoteRule,
    RemoteSecurityGroup,
    RuleSpec,
)
from .errors import translated
from .network_mapping import (
    HOUSEKEEPING_OWNERS,
    INTERFACE_OWNERS,
    from_rule,
    mark_in,
    marked,
    to_floating_ip,
    to_network,
    to_port,
    to_router,
    to_rule,
    to_security_group,
    to_subnet,
)
from .neutron import Neutron, Raw
from .session import Session

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class OpenStackNetworks:
    def __init__(self, session: Session) -> None:
        self._neutron = Neutron(session)

    # --- lists --------------------------------------------------------------

    def networks(self) -> tuple[RemoteNetwork, ...]:
        subnets = self._neutron.list("subnets")
        return tuple(self._network(raw, subnets) for raw in self._neutron.list("networks"))

    @translated("neutron")
    def routers(self) -> tuple[RemoteRouter, ...]:
        feet = self._neutron.own("ports", device_owner=list(INTERFACE_OWNERS))
        return tuple(_router(raw, feet) for raw in self._neutron.own("routers"))

    @translated("neutron")
    def ports(self) -> tuple[RemotePort, ...]:
        return tuple(to_port(raw) for raw in self._neutron.own("ports"))

    @translated("neutron")
    def security_groups(self) -> tuple[RemoteSecurityGroup, ...]:
        return tuple(to_security_group(raw) for raw in self._neutron.own("security-groups"))

    @translated("neutron")
    def floating_ips(self) -> tuple[RemoteFloatingIp, ...]:
        return tuple(to_floating_ip(raw) for raw in self._neutron.own("floatingips"))

    # --- networks and routers -----------------------------------------------

    @translated("neutron")
    def create_network(self, spec: NetworkSpec) -> RemoteNetwork:
        """What was begun is cleared away when the cloud refuses the rest; not when it does not answer."""
        try:
            network = self._ensure_network(spec)
            subnet = self._ensure_subnet(spec, network_id=network["id"])
            if spec.external_network_id:
                router = self._ensure_router(spec.mark, name=spec.name, external_network_id=spec.external_network_id)
                self.connect_router(router["id"], subnet_id=subnet["id"])
        except (Refused, Conflict, NotFound):
            self._clear_away(spec.mark)
            raise
        return self._network(network, [subnet])

    @translated("neutron")
    def delete_network(self, network_id: str) -> None:
        try:
            network = self._neutron.get("networks", network_id)
        except NotFound:
            return
        router = self._router_of(network)
        self._refuse_when_used(network_id, router=router)
        if router:
            self._remove_router(router["id"], network_id=network_id)
        self._neutron.delete("networks", network_id)

    @translated("neutron")
    def create_router(self, *, mark: str, name: str, external_network_id: str = "") -> RemoteRouter:
        router = self._ensure_router(mark, name=name, external_network_id=external_network_id)
        return _router(router, self._feet(router["id"]))

    def connect_router(self, router_id: str, *, subnet_id: str) -> None:
        if subnet_id not in _subnet_ids(self._feet(router_id)):
            self._neutron.router_verb(router_id, "add_router_interface", subnet_id=subnet_id)

    def disconnect_router(self, router_id: str, *, subnet_id: str) -> None:
        try:
            self._neutron.router_verb(router_id, "remove_router_interface", subnet_id=subnet_id)
        except NotFound:
            return

    def delete_router(self, router_id: str) -> None:
        for subnet_id in _subnet_ids(self._feet(router_id)):
            self.disconnect_router(router_id, subnet_id=subnet_id)
        self._neutron.delete("routers", router_id)

    # --- security groups ----------------------------------------------------

    @translated("neutron")
    def create_security_group(self, *, mark: str, name: str, description: str = "") -> RemoteSecurityGroup:
        group = self._neutron.find("security-groups", mark=mark) or self._neutron.create(
            "security-groups", name=name, description=marked(description, mark=mark)
        )
        return to_security_group(group)

    def delete_security_group(self, group_id: str) -> None:
        self._neutron.delete("security-groups", group_id)

    @translated("neutron")
    def add_rule(self, group_id: str, rule: RuleSpec) -> RemoteRule:
        try:
            made = self._neutron.create("security-group-rules", **from_rule(rule, group_id=group_id))
        except Conflict as error:
            made = self._rule_named_in(error)
        return to_rule(made)

    def remove_rule(self, rule_id: str) -> None:
        self._neutron.delete("security-group-rules", rule_id)

    def set_security_groups(self, port_id: str, *, group_ids: Iterable[str]) -> None:
        self._neutron.change("ports", port_id, security_groups=list(group_ids))

    # --- floating IPs ---------------------------------------------------------

    @translated("neutron")
    def allocate(self, *, mark: str, network_id: str) -> RemoteFloatingIp:
        found = self._neutron.find("floatingips", mark=mark) or self._neutron.create(
            "floatingips", floating_network_id=network_id, description=marked("", mark=mark)
        )
        return to_floating_ip(found)

    @translated("neutron")
    def associate(self, floating_ip_id: str, *, port_id: str, fixed_address: str = "") -> RemoteFloatingIp:
        where = {"port_id": port_id} | ({"fixed_ip_address": fixed_address} if fixed_address else {})
        try:
            return to_floating_ip(self._neutron.change("floatingips", floating_ip_id, **where))
        except NotFound as error:
            # 404 is also what Neutron says where no router leads from the port to the floating IP's network
            if "ExternalGatewayForFloatingIPNotFound" not in error.detail:
                raise
            raise Refused(
                error.detail,
                reason=Reason.INVALID,
                request_id=error.request_id,
                source=error.source,
                http_status=error.http_status,
            ) from None

    def disassociate(self, floating_ip_id: str) -> None:
        try:
            self._neutron.change("floatingips", floating_ip_id, port_id=None)
        except NotFound:
            return

    def release(self, floating_ip_id: str) -> None:
        self._neutron.delete("floatingips", floating_ip_id)

    # --- how ------------------------------------------------------------------

    @translated("neutron")
    def _network(self, raw: Raw, subnets: Iterable[Raw]) -> RemoteNetwork:
        own = tuple(to_subnet(subnet) for subnet in subnets if subnet["network_id"] == raw["id"])
        return to_network(raw, subnets=own, project_id=self._neutron.project_id)

    def _ensure_network(self, spec: NetworkSpec) -> Raw:
        return self._neutron.find("networks", mark=spec.mark) or self._neutron.create(
            "networks", name=spec.name, description=marked("", mark=spec.mark)
        )

    def _ensure_subnet(self, spec: NetworkSpec, *, network_id: str) -> Raw:
        return self._neutron.find("subnets", mark=spec.mark, network_id=network_id) or self._neutron.create(
            "subnets", network_id=network_id, **_subnet_fields(spec)
        )

    def _ensure_router(self, mark: str, *, name: str, external_network_id: str) -> Raw:
        gateway = {"external_gateway_info": {"network_id": external_network_id}} if external_network_id else {}
        return self._neutron.find("routers", mark=mark) or self._neutron.create(
            "routers", name=name, description=marked("", mark=mark), **gateway
        )

    def _clear_away(self, mark: str) -> None:
        """What `create_network` left half made. A router without interfaces may stand beside a network."""
        if network := self._neutron.find("networks", mark=mark):
            self.delete_network(network["id"])
        if router := self._neutron.find("routers", mark=mark):
            self.delete_router(router["id"])

    def _router_of(self, network: Raw) -> Raw | None:
        """The router that was made together with the network."""
        mark = mark_in(network.get("description"))
        return self._neutron.find("routers", mark=mark) if mark else None

    def _refuse_when_used(self, network_id: str, *, router: Raw | None) -> None:
        """Before anything is taken away. Raises Conflict."""
        own_router = router["id"] if router else ""
        ports = self._neutron.list("ports", network_id=network_id)
        others = [port["device_owner"] or "a free port" for port in ports if not _goes_along(port, own_router)]
        if others:
            said = ", ".join(f"{owner} ({count})" for owner, count in sorted(Counter(others).items()))
            raise Conflict(f"ports on it belong to: {said}", source="neutron")

    def _remove_router(self, router_id: str, *, network_id: str) -> None:
        """With its feet in this network; the router itself stays where it has feet elsewhere."""
        feet = self._feet(router_id)
        for subnet_id in _subnet_ids(foot for foot in feet if foot["network_id"] == network_id):
            self.disconnect_router(router_id, subnet_id=subnet_id)
        if all(foot["network_id"] == network_id for foot in feet):
            self._neutron.delete("routers", router_id)

    def _feet(self, router_id: str) -> tuple[Raw, ...]:
        """The ports with which a router stands in its subnets."""
        return self._neutron.list("ports", device_id=router_id, device_owner=list(INTERFACE_OWNERS))

    def _rule_named_in(self, error: Conflict) -> Raw:
        """Neutron refuses a rule twice and names the one that exists."""
        named = UUID.search(error.detail) if "SecurityGroupRuleExists" in error.detail else None
        if not named:
            raise error
        return self._neutron.get("security-group-rules", named.group())


def _router(raw: Raw, feet: Iterable[Raw]) -> RemoteRouter:
    return to_router(raw, subnet_ids=_subnet_ids(foot for foot in feet if foot["device_id"] == raw["id"]))


def _subnet_ids(feet: Iterable[Raw]) -> tuple[str, ...]:
    """Each once; a highly available router has several ports in a subnet."""
    return tuple(dict.fromkeys(address["subnet_id"] for foot in feet for address in foot["fixed_ips"]))


def _goes_along(port: Raw, own_router: str) -> bool:
    return port["device_owner"] in HOUSEKEEPING_OWNERS or (
        bool(own_router) and port["device_id"] == own_router and port["device_owner"] in INTERFACE_OWNERS
    )


def _subnet_fields(spec: NetworkSpec) -> dict[str, object]:
    """With IPv6 guests make their own address from what the router announces."""
    try:
        version = ip_network(spec.cidr).version
    except ValueError as error:
        raise Refused(str(error), reason=Reason.INVALID, source="neutron") from None
    fields: dict[str, object] = {
        "name": spec.name,
        "description": marked("", mark=spec.mark),
        "cidr": spec.cidr,
        "ip_version": version,
        "enable_dhcp": spec.has_dhcp,
        "dns_nameservers": list(spec.dns),
    }
    if spec.gateway:
        fields["gateway_ip"] = spec.gateway
    if version == 6 and spec.has_dhcp:
        fields |= {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
    return fields
