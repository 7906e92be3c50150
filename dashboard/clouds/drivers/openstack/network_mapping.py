"""Neutron's words in ours: pure functions from what its API answers to what our interface says.

Our mark stands in the description, after what a person wrote there. A tag would be neater, but Neutron takes tags
while something is being made only since 2025 (extension `tag-creation`), and a mark that is put on afterwards is no
mark when the answer to the first call was lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...interface import (
    RemoteFloatingIp,
    RemoteNetwork,
    RemotePort,
    RemoteRouter,
    RemoteRule,
    RemoteSecurityGroup,
    RemoteSubnet,
    RuleSpec,
)

MARK = re.compile(r"\s*\bskydeck-(?P<mark>[\w-]+)$")

INTERFACE_OWNERS = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
"""Ports that are a router's foot in a subnet: of a plain, a distributed and a highly available one."""

HOUSEKEEPING_OWNERS = ("network:dhcp", "network:distributed", "network:floatingip_agent_gateway")
"""Ports that Neutron makes for itself and removes together with the network."""

Raw = Mapping[str, Any]


def marked(text: str, *, mark: str) -> str:
    """A description that carries our mark."""
    return f"{text} skydeck-{mark}".lstrip()


def mark_in(description: str | None) -> str:
    """Empty where we did not make it."""
    found = MARK.search(description or "")
    return found["mark"] if found else ""


def description_without_mark(description: str | None) -> str:
    return MARK.sub("", description or "")


def to_network(raw: Raw, *, subnets: tuple[RemoteSubnet, ...], project_id: str) -> RemoteNetwork:
    return RemoteNetwork(
        id=raw["id"],
        name=raw.get("name") or "",
        status=raw.get("status") or "",
        is_external=bool(raw.get("router:external")),
        is_shared=bool(raw.get("shared")),
        is_own=raw.get("project_id") == project_id,
        mtu=raw.get("mtu") or 0,
        subnets=subnets,
        mark=mark_in(raw.get("description")),
    )


def to_subnet(raw: Raw) -> RemoteSubnet:
    return RemoteSubnet(
        id=raw["id"],
        network_id=raw["network_id"],
        name=raw.get("name") or "",
        cidr=raw["cidr"],
        gateway=raw.get("gateway_ip") or "",
        has_dhcp=bool(raw.get("enable_dhcp")),
        dns=tuple(raw.get("dns_nameservers") or ()),
        pools=tuple((pool["start"], pool["end"]) for pool in raw.get("allocation_pools") or ()),
    )


def to_router(raw: Raw, *, subnet_ids: tuple[str, ...]) -> RemoteRouter:
    gateway = raw.get("external_gateway_info") or {}
    return RemoteRouter(
        id=raw["id"],
        name=raw.get("name") or "",
        status=raw.get("status") or "",
        external_network_id=gateway.get("network_id") or "",
        external_addresses=tuple(address["ip_address"] for address in gateway.get("external_fixed_ips") or ()),
        subnet_ids=subnet_ids,
        mark=mark_in(raw.get("description")),
    )


def to_port(raw: Raw) -> RemotePort:
    """A port of an instance is one whose owner says `compute:`; of others the device is a router or an agent."""
    owner = raw.get("device_owner") or ""
    return RemotePort(
        id=raw["id"],
        network_id=raw["network_id"],
        mac=raw.get("mac_address") or "",
        status=raw.get("status") or "",
        addresses=tuple((part["subnet_id"], part["ip_address"]) for part in raw.get("fixed_ips") or ()),
        instance_id=(raw.get("device_id") or "") if owner.startswith("compute:") else "",
        owner=owner,
        security_group_ids=tuple(raw.get("security_groups") or ()),
    )


def to_security_group(raw: Raw) -> RemoteSecurityGroup:
    """Neutron gives the rules in any order, and in another one the next time."""
    rules = [to_rule(rule) for rule in raw.get("security_group_rules") or ()]
    return RemoteSecurityGroup(
        id=raw["id"],
        name=raw.get("name") or "",
        description=description_without_mark(raw.get("description")),
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        mark=mark_in(raw.get("description")),
    )


def to_rule(raw: Raw) -> RemoteRule:
    """Neutron also knows address groups, which we do not: such a rule must not look as if it let anybody in."""
    addresses = raw.get("remote_address_group_id")
    return RemoteRule(
        id=raw["id"],
        direction=raw["direction"],
        family=raw.get("ethertype") or "",
        protocol=raw.get("protocol") or "",
        port_min=raw.get("port_range_min") or 0,
        port_max=raw.get("port_range_max") or 0,
        cidr=raw.get("remote_ip_prefix") or (f"address group {addresses}" if addresses else ""),
        group_id=raw.get("remote_group_id") or "",
        description=raw.get("description") or "",
    )


def from_rule(spec: RuleSpec, *, group_id: str) -> dict[str, Any]:
    """What Neutron wants for a new rule; null is any."""
    return {
        "security_group_id": group_id,
        "direction": spec.direction,
        "ethertype": spec.family,
        "protocol": spec.protocol or None,
        "port_range_min": spec.port_min or None,
        "port_range_max": spec.port_max or None,
        "remote_ip_prefix": spec.cidr or None,
        "remote_group_id": spec.group_id or None,
        "description": spec.description,
    }


def to_floating_ip(raw: Raw) -> RemoteFloatingIp:
    return RemoteFloatingIp(
        id=raw["id"],
        address=raw["floating_ip_address"],
        network_id=raw["floating_network_id"],
        status=raw.get("status") or "",
        port_id=raw.get("port_id") or "",
        fixed_address=raw.get("fixed_ip_address") or "",
        mark=mark_in(raw.get("description")),
    )
