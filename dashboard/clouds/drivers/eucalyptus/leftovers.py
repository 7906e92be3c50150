"""What would be nobody's if an account was deleted: Eucalyptus deletes an account, and nothing that is in it.

What the tenant made is counted, and stands against it. What the cloud made for the account, and we for launches, goes
with the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from ...interface import Conflict, NotFound
from . import keypairs
from .ec2 import Ec2
from .errors import understood
from .groups import DEFAULT
from .instances import living
from .session import Session
from .storage import buckets

NAMED = 5
"""How many of a kind are named."""


def what_is_left(session: Session) -> list[str]:
    """How many of what the account has; of what it has none, nothing. What has no page of its own here is named too."""
    ec2 = Ec2(session)
    with understood():
        counts = {
            "instances": sum(1 for _ in living(session.ec2("DescribeInstances"))),
            "volumes": sum(1 for one in ec2.rows("describe_volumes", "Volumes") if one.get("State") != "deleted"),
            "snapshots": len(ec2.rows("describe_snapshots", "Snapshots", OwnerIds=["self"])),
            "images": len(ec2.rows("describe_images", "Images", Owners=["self"])),
            "addresses": len(ec2.rows("describe_addresses", "Addresses")),
            "buckets": len(buckets(session)),
        }
        groups = ec2.rows("describe_security_groups", "SecurityGroups")
        names = {
            "security groups": [one["GroupName"] for one in groups if one["GroupName"] != DEFAULT],
            "key pairs": [name for name in key_names(ec2) if not keypairs.is_ours(name)],
            **(made_in_vpcs(ec2) if session.has_vpc else {}),
        }
    counted = [quantity(count, what) for what, count in counts.items() if count]
    return counted + [f"{quantity(len(found), what)} ({some(found)})" for what, found in names.items() if found]


def quantity(count: int, what: str) -> str:
    one = "address" if what == "addresses" else what.removesuffix("s")
    return f"{count} {one if count == 1 else what}"


def made_in_vpcs(ec2: Ec2) -> dict[str, list[str]]:
    """Ids of what did not come with the account's default VPC."""
    tables = ec2.rows("describe_route_tables", "RouteTables")
    telling = {table["VpcId"] for table in tables if is_main(table)}
    return {
        "VPCs": [one["VpcId"] for one in ec2.rows("describe_vpcs", "Vpcs") if not one.get("IsDefault")],
        "subnets": [one["SubnetId"] for one in ec2.rows("describe_subnets", "Subnets") if not one.get("DefaultForAz")],
        "network interfaces": [
            one["NetworkInterfaceId"]
            for one in ec2.rows("describe_network_interfaces", "NetworkInterfaces")
            if not one.get("Attachment", {}).get("InstanceId")
        ],
        "NAT gateways": [
            one["NatGatewayId"]
            for one in ec2.rows("describe_nat_gateways", "NatGateways")
            if one.get("State") not in ("deleted", "failed")
        ],
        # where a cloud does not tell which is the VPC's main table, each could be
        "route tables": [table["RouteTableId"] for table in tables if table["VpcId"] in telling and not is_main(table)],
        "network ACLs": [
            one["NetworkAclId"]
            for one in ec2.rows("describe_network_acls", "NetworkAcls")
            if not one.get("IsDefault", True)
        ],
    }


def is_main(table: dict[str, Any]) -> bool:
    return any(one.get("Main") for one in table.get("Associations", ()))


def key_names(ec2: Ec2) -> list[str]:
    return [one["KeyName"] for one in ec2.rows("describe_key_pairs", "KeyPairs")]


def some(names: Iterable[str]) -> str:
    known = sorted(names)
    return ", ".join(known[:NAMED]) + (", …" if len(known) > NAMED else "")


def clear(session: Session) -> None:
    """Delete what nobody of the tenant made, once nothing else is left. What is gone already is success.

    In EDGE the account's default group stays: the cloud deletes it for nobody. Raises Conflict where the cloud finds
    something in the default VPC that it did not tell us of.
    """
    ec2 = Ec2(session)
    for name in filter(keypairs.is_ours, key_names(ec2)):
        with suppress(NotFound):
            ec2.call("delete_key_pair", KeyName=name)
    if not session.has_vpc:
        return
    with understood():
        clear_gateways(ec2)
        for vpc_id in [one["VpcId"] for one in ec2.rows("describe_vpcs", "Vpcs") if one.get("IsDefault")]:
            try:
                clear_vpc(ec2, vpc_id)
            except Conflict as error:
                why = f"DeleteConflict: the account still has something in {vpc_id} ({error.detail})"
                raise Conflict(why, source="ec2", http_status=409) from error


def clear_vpc(ec2: Ec2, vpc_id: str) -> None:
    """With its subnets. Its default group and its main route table go with it."""
    subnets = ec2.rows("describe_subnets", "Subnets", Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
    for subnet in subnets:
        with suppress(NotFound):
            ec2.call("delete_subnet", SubnetId=subnet["SubnetId"])
    with suppress(NotFound):
        ec2.call("delete_vpc", VpcId=vpc_id)


def clear_gateways(ec2: Ec2) -> None:
    """One that is attached to nothing may be the default VPC's, of a removal that was cut short."""
    for gateway in ec2.rows("describe_internet_gateways", "InternetGateways"):
        gateway_id = gateway["InternetGatewayId"]
        with suppress(NotFound):
            for one in gateway.get("Attachments", ()):
                ec2.call("detach_internet_gateway", InternetGatewayId=gateway_id, VpcId=one["VpcId"])
            ec2.call("delete_internet_gateway", InternetGatewayId=gateway_id)
