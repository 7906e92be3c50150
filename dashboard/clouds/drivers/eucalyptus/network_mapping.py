"""EC2's words for networks in ours. Pure functions, from what boto3 made of an answer.

    ours               with VPC (VPCMIDO)                         EDGE
    network, subnet    a subnet of a VPC: one with its one        `flat`: there is one, and nobody chooses it
    a network's zone   the subnet's: it lies in one zone          none: it spans them
    external network   `public`: the pool of elastic addresses    the same
    port               a network interface                        an instance: its id is the port's
    rule               a permission; it has no id, so all that it says is its id
    floating IP        by its allocation's id                     by its address: there is no other id

A group's mark stands in its description, which is there from the first moment on and never changes; what people say
about it is a tag. An elastic address can carry no tag: its mark stands on the account's default group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...interface import (
    RemoteFloatingIp,
    RemoteNetwork,
    RemotePort,
    RemoteRule,
    RemoteSecurityGroup,
    RemoteSubnet,
    RuleSpec,
)
from . import tags

FLAT, PUBLIC = "flat", "public"
MARKED = re.compile(r"skydeck (?P<mark>[\w-]+)", re.ASCII)
ADDRESS = f"{tags.OURS}address:"
"""Then the address: a tag of the account's default group, whose value is the mark."""
ANYBODY, ALL = "0.0.0.0/0", "-1"
LAST_PORT = 65535

Raw = Mapping[str, Any]


def outside() -> RemoteNetwork:
    return RemoteNetwork(id=PUBLIC, name=PUBLIC, status="ACTIVE", is_external=True, is_own=False, is_shared=True)


def flat() -> RemoteNetwork:
    return RemoteNetwork(id=FLAT, name=FLAT, status="ACTIVE", is_own=False, is_shared=True)


def to_network(raw: Raw) -> RemoteNetwork:
    pairs = tags.in_list(raw.get("Tags", ()))
    name = pairs.get(tags.NAME) or f"{raw['CidrBlock']} in {raw.get('AvailabilityZone', '')}"
    subnet = RemoteSubnet(id=raw["SubnetId"], network_id=raw["SubnetId"], name=name, cidr=raw["CidrBlock"])
    state = raw.get("State", "")
    return RemoteNetwork(
        id=raw["SubnetId"],
        name=name,
        status="ACTIVE" if state == "available" else state.upper(),
        zone=raw.get("AvailabilityZone") or "",
        subnets=(subnet,),
        mark=pairs.get(tags.MARK, ""),
    )


def to_port(raw: Raw) -> RemotePort:
    return RemotePort(
        id=raw["NetworkInterfaceId"],
        network_id=raw["SubnetId"],
        mac=raw.get("MacAddress") or "",
        status=(raw.get("Status") or "").upper(),
        addresses=((raw["SubnetId"], raw["PrivateIpAddress"]),) if raw.get("PrivateIpAddress") else (),
        instance_id=(raw.get("Attachment") or {}).get("InstanceId") or "",
        owner=raw.get("InterfaceType") or "interface",
        security_group_ids=tuple(group["GroupId"] for group in raw.get("Groups", ())),
    )


# --- security groups ------------------------------------------------------------------


def description_of(mark: str) -> str:
    return f"skydeck {mark}"


def to_group(raw: Raw) -> RemoteSecurityGroup:
    pairs, description = tags.in_list(raw.get("Tags", ())), raw.get("Description") or ""
    marked = MARKED.fullmatch(description)
    rules = [*_rules(raw, "ingress", "IpPermissions"), *_rules(raw, "egress", "IpPermissionsEgress")]
    return RemoteSecurityGroup(
        id=raw["GroupId"],
        name=raw.get("GroupName") or "",
        description=pairs.get(tags.DESCRIPTION, "") if marked else description,
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        mark=marked["mark"] if marked else "",
    )


def _rules(raw: Raw, direction: str, key: str) -> Iterator[RemoteRule]:
    """A permission may have several sources; each is a rule of its own."""
    for permission in raw.get(key) or ():
        protocol, ports = protocol_in(permission), ports_in(permission)
        for source in permission.get("IpRanges") or ():
            yield to_rule(raw["GroupId"], direction, protocol, ports, cidr=source["CidrIp"], source=source)
        for source in permission.get("UserIdGroupPairs") or ():
            yield to_rule(raw["GroupId"], direction, protocol, ports, group_id=source.get("GroupId", ""), source=source)


def to_rule(
    owner_id: str,
    direction: str,
    protocol: str,
    ports: tuple[int, int],
    *,
    cidr: str = "",
    group_id: str = "",
    source: Raw | None = None,
) -> RemoteRule:
    said = (owner_id, direction, protocol, str(ports[0]), str(ports[1]), cidr or group_id)
    return RemoteRule(
        id=",".join(said),
        direction=direction,
        family="IPv4",
        protocol=protocol,
        port_min=ports[0],
        port_max=ports[1],
        cidr=cidr,
        group_id=group_id,
        description=(source or {}).get("Description") or "",
    )


def protocol_in(permission: Raw) -> str:
    protocol = str(permission.get("IpProtocol", ALL))
    return {ALL: "", "6": "tcp", "17": "udp", "1": "icmp"}.get(protocol, protocol)


def ports_in(permission: Raw) -> tuple[int, int]:
    """All of a protocol is 0, 0; of all protocols there are none, whatever stands there."""
    ports = permission.get("FromPort"), permission.get("ToPort")
    if not protocol_in(permission) or None in ports or ports in ((0, LAST_PORT), (-1, -1)):
        return 0, 0
    return int(ports[0] or 0), int(ports[1] or 0)


def rule_in(group_id: str, spec: RuleSpec) -> RemoteRule:
    """As it will be told, once it is there."""
    cidr = "" if spec.group_id else (spec.cidr or ANYBODY)
    ports = spec.port_min, spec.port_max
    return to_rule(group_id, spec.direction, spec.protocol, ports, cidr=cidr, group_id=spec.group_id)


def of_rule(rule: RemoteRule, *, description: str = "") -> dict[str, Any]:
    """A permission, as boto3 wants it."""
    permission: dict[str, Any] = {"IpProtocol": rule.protocol or ALL}
    if rule.protocol in ("tcp", "udp", "icmp"):
        everything = (-1, -1) if rule.protocol == "icmp" else (0, LAST_PORT)
        ports = (rule.port_min, rule.port_max) if (rule.port_min, rule.port_max) != (0, 0) else everything
        permission |= {"FromPort": ports[0], "ToPort": ports[1]}
    told = {"Description": description} if description else {}
    if rule.group_id:
        return permission | {"UserIdGroupPairs": [{"GroupId": rule.group_id, **told}]}
    return permission | {"IpRanges": [{"CidrIp": rule.cidr, **told}]}


def rule_of_id(rule_id: str) -> RemoteRule | None:
    """None for what is no id of ours."""
    parts = rule_id.split(",")
    if len(parts) != 6 or not (parts[3].isdigit() and parts[4].isdigit()):
        return None
    owner_id, direction, protocol, low, high, source = parts
    cidr, group_id = (source, "") if "/" in source else ("", source)
    return to_rule(owner_id, direction, protocol, (int(low), int(high)), cidr=cidr, group_id=group_id)


# --- elastic addresses ------------------------------------------------------------------


def address_id(raw: Raw) -> str:
    return str(raw.get("AllocationId") or raw["PublicIp"])


def to_floating_ip(raw: Raw, *, marks: Mapping[str, str], ports: Mapping[str, RemotePort]) -> RemoteFloatingIp:
    """`marks` by address; `ports` by their ids. EDGE tells of an instance, and of no address of its."""
    port_id = raw.get("NetworkInterfaceId") or raw.get("InstanceId") or ""
    port = ports.get(port_id)
    fixed = raw.get("PrivateIpAddress") or (port.addresses[0][1] if port and port.addresses else "")
    return RemoteFloatingIp(
        id=address_id(raw),
        address=raw["PublicIp"],
        network_id=PUBLIC,
        status="ACTIVE" if port_id else "DOWN",
        port_id=port_id,
        fixed_address=fixed if port_id else "",
        mark=marks.get(raw["PublicIp"], ""),
    )
