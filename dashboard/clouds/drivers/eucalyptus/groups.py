"""Security groups and their rules. In a VPC cloud they belong to one VPC: here to the account's default one."""

from __future__ import annotations

import ipaddress
from typing import Any

from ...interface import Conflict, NotFound, Reason, Refused, RemoteRule, RemoteSecurityGroup, RuleSpec
from . import tags
from .ec2 import Ec2
from .errors import understood
from .network_mapping import description_of, of_rule, rule_in, rule_of_id, to_group
from .session import Session

DEFAULT = "default"
PORTED = ("tcp", "udp")
ADD = {"ingress": "authorize_security_group_ingress", "egress": "authorize_security_group_egress"}
REMOVE = {"ingress": "revoke_security_group_ingress", "egress": "revoke_security_group_egress"}


class Groups:
    def __init__(self, session: Session, ec2: Ec2) -> None:
        self.session, self.ec2 = session, ec2

    def raw(self) -> list[dict[str, Any]]:
        return self.ec2.rows("describe_security_groups", "SecurityGroups")

    def list(self) -> tuple[RemoteSecurityGroup, ...]:
        found = self.raw()
        with understood():
            return tuple(sorted(map(to_group, found), key=lambda group: (group.name, group.id)))

    def create(self, *, mark: str, name: str, description: str) -> RemoteSecurityGroup:
        """The mark is in it from the first moment on, so that it is found after a lost answer."""
        group = self._marked(mark)
        if group is None:
            request = {"GroupName": name, "Description": description_of(mark), **self._where()}
            with understood():
                group_id = str(self.ec2.call("create_security_group", **request)["GroupId"])
            group = RemoteSecurityGroup(id=group_id, name=name, mark=mark)
        if description and group.description != description:
            pairs = tags.as_list({tags.DESCRIPTION: description[: tags.LONGEST_VALUE]})
            self.ec2.call("create_tags", Resources=[group.id], Tags=pairs)
        return next((other for other in self.list() if other.id == group.id), group)

    def _marked(self, mark: str) -> RemoteSecurityGroup | None:
        return next((group for group in self.list() if group.mark == mark), None)

    def _where(self) -> dict[str, str]:
        return {"VpcId": self.vpc_id()} if self.session.has_vpc else {}

    def vpc_id(self) -> str:
        """The account's default VPC, or its only one. Raises Refused where there is none to choose."""
        vpcs = self.ec2.rows("describe_vpcs", "Vpcs")
        with understood():
            ids = [vpc["VpcId"] for vpc in vpcs if vpc.get("IsDefault")] or [vpc["VpcId"] for vpc in vpcs]
        if not ids or (len(ids) > 1 and not any(vpc.get("IsDefault") for vpc in vpcs)):
            raise Refused("VPCIdNotSpecified: the account has no default VPC", reason=Reason.INVALID, source="ec2")
        return str(ids[0])

    def default_id(self) -> str:
        """Of the group that every account has. Raises NotFound."""
        found = [raw for raw in self.raw() if raw.get("GroupName") == DEFAULT]
        if len(found) > 1:
            vpc_id = self.vpc_id()
            found = [raw for raw in found if raw.get("VpcId") == vpc_id]
        if not found:
            raise NotFound("InvalidGroup.NotFound: the account has no default group", source="ec2")
        return str(found[0]["GroupId"])

    def delete(self, group_id: str) -> None:
        try:
            self.ec2.call("delete_security_group", GroupId=group_id)
        except NotFound:
            return

    # --- rules

    def add_rule(self, group_id: str, spec: RuleSpec) -> RemoteRule:
        check(spec, has_vpc=self.session.has_vpc)
        rule = rule_in(group_id, spec)
        description = spec.description if self.session.release != "4.4" else ""
        try:
            self.ec2.call(ADD[spec.direction], GroupId=group_id, IpPermissions=[of_rule(rule, description=description)])
        except Conflict:
            return rule  # it is there
        return rule

    def remove_rule(self, rule_id: str) -> None:
        rule = rule_of_id(rule_id)
        if rule is None:
            return
        group_id = rule_id.partition(",")[0]
        try:
            self.ec2.call(REMOVE[rule.direction], GroupId=group_id, IpPermissions=[of_rule(rule)])
        except NotFound:
            return


def check(spec: RuleSpec, *, has_vpc: bool) -> None:
    """Raises Refused for a rule that cannot be, or that this cloud does not have."""
    if spec.direction not in ADD:
        raise wrong(f"{spec.direction} is no direction")
    if spec.direction == "egress" and not has_vpc:
        raise wrong("this cloud has rules only for what comes in")
    if not spec.protocol and not has_vpc:
        raise wrong("this cloud wants tcp, udp or icmp to be named")
    if spec.family != "IPv4":
        raise wrong("this cloud has no IPv6")
    if spec.cidr and not is_range(spec.cidr):
        raise wrong(f"{spec.cidr} is no range of IPv4 addresses")
    if (spec.port_min or spec.port_max) and spec.protocol not in PORTED:
        raise wrong("ports are of tcp and udp")
    if not 0 <= spec.port_min <= spec.port_max <= 65535:
        raise wrong(f"{spec.port_min} to {spec.port_max} are no ports")


def is_range(cidr: str) -> bool:
    try:
        ipaddress.IPv4Network(cidr)
    except ValueError:
        return False
    return True


def wrong(why: str) -> Refused:
    return Refused(f"InvalidParameterValue: {why}", reason=Reason.INVALID, source="ec2")
