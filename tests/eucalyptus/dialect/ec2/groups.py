"""Security groups. In EDGE a name is unique in the account and nothing is said of what goes out; in a VPC as on AWS.

A rule has no id: it is revoked by what it says. Descriptions of rules are known from 5.0 on.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from ..call import Call
from ..errors import Refused, invalid
from ..markup import element, elements, items
from ..parameters import Parameters
from ..quotas import exceeded
from ..resources import Group, Rule
from . import ACTIONS
from .selection import filtered, owned, tag_set

MISSING = "InvalidGroup.NotFound"
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}
VALUES = {
    "group-id": lambda g: g.id,
    "group-name": lambda g: g.name,
    "description": lambda g: g.description,
    "owner-id": lambda g: g.account,
    "vpc-id": lambda g: g.vpc,
    "ip-permission.protocol": lambda g: [rule.protocol for rule in g.ingress],
    "ip-permission.cidr": lambda g: [rule.cidr for rule in g.ingress],
}


@ACTIONS.named("CreateSecurityGroup")
def create(call: Call) -> str:
    name, vpc = call.asked.get("GroupName", ""), _vpc(call)
    description = call.asked.get("GroupDescription", "")
    if not name or not description or len(name) > 255:
        raise invalid("InvalidParameterValue", "A name and a description are needed")
    if any((g.account, g.name, g.vpc) == (call.account.id, name, vpc) for g in call.cloud.groups.values()):
        raise invalid("InvalidGroup.Duplicate", f"The security group '{name}' already exists")
    if exceeded(call, "ec2:CreateSecurityGroup", {"ec2:quota-securitygroupnumber": 1}):
        raise invalid("ResourceLimitExceeded", "Request would exceed quota for type: security-group")
    group = call.cloud.add_group(call.account.id, name, description, vpc=vpc)
    return element("return", True) + element("groupId", group.id)


def _vpc(call: Call) -> str | None:
    named = call.asked.get("VpcId")
    if call.cloud.mode == "edge" or not named:
        if named:
            raise invalid("InvalidVpcID.NotFound", f"The vpc ID '{named}' does not exist")
        return call.account.default_vpc
    if named not in call.cloud.vpcs or call.cloud.vpcs[named].account != call.account.id:
        raise invalid("InvalidVpcID.NotFound", f"The vpc ID '{named}' does not exist")
    return named


@ACTIONS.named("DescribeSecurityGroups")
def describe(call: Call) -> str:
    groups, names = owned(call, call.cloud.groups, "GroupId", MISSING), call.asked.many("GroupName")
    if "verbose" in names and call.is_administrator:
        groups, names = list(call.cloud.groups.values()), [name for name in names if name != "verbose"]
    for name in names:
        if not any(group.name == name for group in groups):
            raise invalid(MISSING, f"The security group '{name}' does not exist")
    groups = [group for group in groups if not names or group.name in names]
    return items("securityGroupInfo", (_group(call, group) for group in filtered(call, groups, VALUES)))


def _group(call: Call, group: Group) -> str:
    head = elements(ownerId=group.account, groupName=group.name, groupDescription=group.description)
    head += elements(groupId=group.id, vpcId=group.vpc) + items("ipPermissions", _rules(call, group.ingress))
    return (
        head + (items("ipPermissionsEgress", _rules(call, group.egress)) if group.vpc else "") + tag_set(call, group.id)
    )


def _rules(call: Call, rules: Iterable[Rule]) -> list[str]:
    """Sources of the same protocol and ports stand together."""
    together: dict[tuple[str, int | None, int | None], list[Rule]] = {}
    for rule in rules:
        together.setdefault((rule.protocol, rule.first, rule.last), []).append(rule)
    return [
        elements(ipProtocol=protocol, fromPort=first, toPort=last)
        + items("groups", (_source(call, rule) for rule in found if rule.group))
        + items("ipRanges", (elements(cidrIp=r.cidr, description=r.description) for r in found if r.cidr))
        for (protocol, first, last), found in together.items()
    ]


def _source(call: Call, rule: Rule) -> str:
    source = call.cloud.groups.get(rule.group or "")
    name = source.name if source and not source.vpc else None
    return elements(userId=rule.group_account, groupName=name, groupId=rule.group)


def target(call: Call) -> Group:
    group_id, name = call.asked.get("GroupId"), call.asked.get("GroupName")
    mine = [g for g in call.cloud.groups.values() if g.account == call.account.id]
    for group in mine:
        if group.id == group_id or (not group_id and group.name == name and group.vpc == call.account.default_vpc):
            return group
    raise invalid(MISSING, f"The security group '{group_id or name}' does not exist")


def asked_rules(call: Call) -> list[Rule]:
    rows = call.asked.rows("IpPermissions")
    if not rows:
        rows = [_flat(call.asked)]
    rules = [rule for row in rows for rule in _of_row(call, row)]
    if not rules:
        raise invalid("InvalidParameterValue", "No permission was given")
    return rules


def _flat(asked: Parameters) -> Parameters:
    """The older form: one rule in plain parameters."""
    row = Parameters({name: asked[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in asked})
    if "CidrIp" in asked:
        row["IpRanges.1.CidrIp"] = asked["CidrIp"]
    if "SourceSecurityGroupName" in asked:
        row["Groups.1.GroupName"] = asked["SourceSecurityGroupName"]
        row["IpProtocol"] = asked.get("IpProtocol", "-1")
    return row


def _of_row(call: Call, row: Parameters) -> list[Rule]:
    protocol, first, last = _ports(row)
    ranges = [
        Rule(protocol, first, last, cidr=_cidr(r), description=r.get("Description")) for r in row.rows("IpRanges")
    ]
    sources = []
    for source in row.rows("Groups"):
        group = _source_group(call, source)
        text = source.get("Description")
        sources.append(Rule(protocol, first, last, group=group.id, group_account=group.account, description=text))
    return ranges + sources


def _ports(row: Parameters) -> tuple[str, int | None, int | None]:
    protocol = PROTOCOLS.get(row.get("IpProtocol", ""), row.get("IpProtocol", "").lower())
    if protocol not in ("tcp", "udp", "icmp", "-1") and not protocol.isdecimal():
        raise invalid("InvalidParameterValue", f"Invalid protocol: {protocol}")
    first, last = row.number("FromPort"), row.number("ToPort")
    if protocol in ("tcp", "udp") and not (first is not None and last is not None and 0 <= first <= last <= 65535):
        raise invalid("InvalidParameterValue", f"Invalid ports: {first} to {last}")
    return (protocol, None, None) if protocol == "-1" else (protocol, first, last)


def _cidr(row: Parameters) -> str:
    try:
        return str(ipaddress.IPv4Network(row.get("CidrIp", ""), strict=False))
    except ValueError:
        raise invalid("InvalidParameterValue", f"Invalid cidr: {row.get('CidrIp')}") from None


def _source_group(call: Call, row: Parameters) -> Group:
    owner = row.get("UserId", call.account.id)
    for group in call.cloud.groups.values():
        if group.account == owner and (group.id == row.get("GroupId") or group.name == row.get("GroupName")):
            return group
    raise invalid(MISSING, f"The security group '{row.get('GroupId') or row.get('GroupName')}' does not exist")


@ACTIONS.named("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def authorize(call: Call) -> str:
    group, rules = target(call), asked_rules(call)
    if not group.vpc and any(rule.protocol == "-1" for rule in rules):
        raise invalid("InvalidPermission.Malformed", "Any protocol is only for groups of a VPC")
    there = _list_of(call, group)
    known = {rule.what for rule in there}
    if any(rule.what in known for rule in rules) or len({rule.what for rule in rules}) < len(rules):
        raise invalid("InvalidPermission.Duplicate", "The rule is there already")
    there.extend(rules)
    return element("return", True)


def _list_of(call: Call, group: Group) -> list[Rule]:
    if "Egress" not in call.action:
        return group.ingress
    if not group.vpc:
        raise invalid("InvalidParameterValue", f"'{group.id}' is not in a VPC: nothing is said of what goes out")
    return group.egress


@ACTIONS.named("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def revoke(call: Call) -> str:
    """By exactly what the rule says."""
    group, gone = target(call), {rule.what for rule in asked_rules(call)}
    there = _list_of(call, group)
    if gone - {rule.what for rule in there}:
        raise invalid("InvalidPermission.NotFound", "The rule is not there")
    there[:] = [rule for rule in there if rule.what not in gone]
    return element("return", True)


@ACTIONS.named("DeleteSecurityGroup")
def delete(call: Call) -> str:
    group = target(call)
    if group.name == "default":
        raise invalid("CannotDelete", 'the specified group: "default" name: "default" cannot be deleted by a user')
    if any(group.id in i.groups and i.state != "terminated" for i in call.cloud.instances.values()):
        raise _in_use(group)
    if any(r.group == group.id for g in call.cloud.groups.values() if g is not group for r in g.ingress + g.egress):
        raise _in_use(group)
    call.cloud.forget(call.cloud.groups, group.id)
    return element("return", True)


def _in_use(group: Group) -> Refused:
    code = "DependencyViolation" if group.vpc else "InvalidGroup.InUse"
    return invalid(code, f"The group '{group.name}' is in use")
