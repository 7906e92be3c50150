"""VPCs, subnets, route tables, gateways and interfaces. In EDGE there are none, and none can be made."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from ..call import Call
from ..errors import invalid
from ..markup import element, elements, items, wrap
from ..quotas import exceeded
from ..resources import Gateway, Instance, Interface, RouteTable, Subnet, Vpc
from . import ACTIONS
from .selection import filtered, one, owned, tag_set

NO_VPC, NO_SUBNET = "InvalidVpcID.NotFound", "InvalidSubnetID.NotFound"
NO_TABLE, NO_GATEWAY = "InvalidRouteTableID.NotFound", "InvalidInternetGatewayID.NotFound"
NO_INTERFACE = "InvalidNetworkInterfaceID.NotFound"


def only_in_a_vpc(call: Call) -> None:
    if call.cloud.mode == "edge":
        raise invalid("UnsupportedOperation", f"{call.action} is for clouds with VPCs")


def listed(call: Call, things: Mapping[str, Any], parameter: str, missing: str, values: Any) -> list[Any]:
    return filtered(call, owned(call, things, parameter, missing), values)


def _network(call: Call) -> str:
    try:
        return str(ipaddress.IPv4Network(call.asked.get("CidrBlock", "")))
    except ValueError:
        raise invalid("InvalidParameterValue", f"Invalid cidr: {call.asked.get('CidrBlock')}") from None


@ACTIONS.named("CreateVpc")
def create_vpc(call: Call) -> str:
    only_in_a_vpc(call)
    if exceeded(call, "ec2:CreateVpc", {"ec2:quota-vpcnumber": 1}):
        raise invalid("VpcLimitExceeded", "Request would exceed quota for type: vpc")
    return wrap("vpc", _vpc(call, call.cloud.add_vpc(call.account.id, _network(call))))


def _vpc(call: Call, v: Vpc) -> str:
    head = elements(vpcId=v.id, state="available", cidrBlock=v.cidr, dhcpOptionsId="default")
    return head + elements(instanceTenancy="default", isDefault=v.is_default) + tag_set(call, v.id)


@ACTIONS.named("DescribeVpcs")
def describe_vpcs(call: Call) -> str:
    values = {
        "vpc-id": lambda v: v.id,
        "cidr": lambda v: v.cidr,
        "isDefault": lambda v: v.is_default,
        "is-default": lambda v: v.is_default,
        "state": lambda v: "available",
    }
    return items("vpcSet", (_vpc(call, v) for v in listed(call, call.cloud.vpcs, "VpcId", NO_VPC, values)))


@ACTIONS.named("DeleteVpc")
def delete_vpc(call: Call) -> str:
    cloud, vpc = call.cloud, one(call, call.cloud.vpcs, "VpcId", NO_VPC)
    things = [*cloud.subnets.values(), *cloud.gateways.values()]
    if any(thing.vpc == vpc.id for thing in things):
        raise invalid("DependencyViolation", f"The vpc '{vpc.id}' has dependencies and cannot be deleted.")
    if any(g.vpc == vpc.id and g.name != "default" for g in cloud.groups.values()):
        raise invalid("DependencyViolation", f"The vpc '{vpc.id}' has dependencies and cannot be deleted.")
    for group in [g for g in cloud.groups.values() if g.vpc == vpc.id]:
        del cloud.groups[group.id]
    for table in [t for t in cloud.route_tables.values() if t.vpc == vpc.id]:
        del cloud.route_tables[table.id]
    del cloud.vpcs[vpc.id]
    return element("return", True)


@ACTIONS.named("CreateSubnet")
def create_subnet(call: Call) -> str:
    only_in_a_vpc(call)
    vpc, network = one(call, call.cloud.vpcs, "VpcId", NO_VPC), ipaddress.IPv4Network(_network(call))
    if not network.subnet_of(ipaddress.IPv4Network(vpc.cidr)):
        raise invalid("InvalidSubnet.Range", f"The CIDR '{network}' is invalid.")
    if any(network.overlaps(ipaddress.IPv4Network(s.cidr)) for s in call.cloud.subnets.values() if s.vpc == vpc.id):
        raise invalid("InvalidSubnet.Conflict", f"The CIDR '{network}' conflicts with another subnet")
    zone = call.asked.get("AvailabilityZone", next(iter(call.cloud.zones)))
    return wrap("subnet", _subnet(call, call.cloud.add_subnet(vpc, zone, str(network))))


def _subnet(call: Call, s: Subnet) -> str:
    used = sum(i.subnet == s.id and i.state != "terminated" for i in call.cloud.instances.values())
    left = ipaddress.IPv4Network(s.cidr).num_addresses - 5 - used
    head = elements(subnetId=s.id, state="available", vpcId=s.vpc, cidrBlock=s.cidr, availableIpAddressCount=left)
    head += elements(availabilityZone=s.zone, defaultForAz=s.is_default, mapPublicIpOnLaunch=s.is_default)
    return head + tag_set(call, s.id)


@ACTIONS.named("DescribeSubnets")
def describe_subnets(call: Call) -> str:
    values = {
        "subnet-id": lambda s: s.id,
        "vpc-id": lambda s: s.vpc,
        "availability-zone": lambda s: s.zone,
        "cidr": lambda s: s.cidr,
        "default-for-az": lambda s: s.is_default,
        "state": lambda s: "available",
    }
    found = listed(call, call.cloud.subnets, "SubnetId", NO_SUBNET, values)
    return items("subnetSet", (_subnet(call, subnet) for subnet in found))


@ACTIONS.named("DeleteSubnet")
def delete_subnet(call: Call) -> str:
    subnet = one(call, call.cloud.subnets, "SubnetId", NO_SUBNET)
    if any(i.subnet == subnet.id and i.state != "terminated" for i in call.cloud.instances.values()):
        raise invalid("DependencyViolation", f"The subnet '{subnet.id}' has dependencies and cannot be deleted.")
    del call.cloud.subnets[subnet.id]
    return element("return", True)


@ACTIONS.named("CreateRouteTable")
def create_table(call: Call) -> str:
    only_in_a_vpc(call)
    vpc = one(call, call.cloud.vpcs, "VpcId", NO_VPC)
    table = RouteTable(call.cloud.new_id("rtb"), call.account.id, vpc.id)
    call.cloud.route_tables[table.id] = table
    return wrap("routeTable", _table(call, table))


def _table(call: Call, t: RouteTable) -> str:
    vpc = call.cloud.vpcs[t.vpc]
    routes = {vpc.cidr: "local"} | t.routes
    rows = (elements(destinationCidrBlock=cidr, gatewayId=to, state="active") for cidr, to in routes.items())
    return elements(routeTableId=t.id, vpcId=t.vpc) + items("routeSet", rows) + tag_set(call, t.id)


@ACTIONS.named("DescribeRouteTables")
def describe_tables(call: Call) -> str:
    values = {"route-table-id": lambda t: t.id, "vpc-id": lambda t: t.vpc}
    found = listed(call, call.cloud.route_tables, "RouteTableId", NO_TABLE, values)
    return items("routeTableSet", (_table(call, table) for table in found))


@ACTIONS.named("CreateRoute")
def create_route(call: Call) -> str:
    table, cidr = (
        one(call, call.cloud.route_tables, "RouteTableId", NO_TABLE),
        call.asked.get("DestinationCidrBlock", ""),
    )
    if cidr in table.routes:
        raise invalid("RouteAlreadyExists", f"The route identified by {cidr} already exists.")
    one(call, call.cloud.gateways, "GatewayId", NO_GATEWAY)
    table.routes[cidr] = call.asked["GatewayId"]
    return element("return", True)


@ACTIONS.named("DeleteRoute")
def delete_route(call: Call) -> str:
    table = one(call, call.cloud.route_tables, "RouteTableId", NO_TABLE)
    if table.routes.pop(call.asked.get("DestinationCidrBlock", ""), None) is None:
        raise invalid("InvalidRoute.NotFound", "no such route")
    return element("return", True)


@ACTIONS.named("CreateInternetGateway")
def create_gateway(call: Call) -> str:
    only_in_a_vpc(call)
    if exceeded(call, "ec2:CreateInternetGateway", {"ec2:quota-internetgatewaynumber": 1}):
        raise invalid("InternetGatewayLimitExceeded", "Request would exceed quota for type: internet-gateway")
    gateway = Gateway(call.cloud.new_id("igw"), call.account.id)
    call.cloud.gateways[gateway.id] = gateway
    return wrap("internetGateway", _gateway(call, gateway))


def _gateway(call: Call, g: Gateway) -> str:
    attachments = [elements(vpcId=g.vpc, state="available")] if g.vpc else []
    return element("internetGatewayId", g.id) + items("attachmentSet", attachments) + tag_set(call, g.id)


@ACTIONS.named("DescribeInternetGateways")
def describe_gateways(call: Call) -> str:
    values = {"internet-gateway-id": lambda g: g.id, "attachment.vpc-id": lambda g: g.vpc}
    found = listed(call, call.cloud.gateways, "InternetGatewayId", NO_GATEWAY, values)
    return items("internetGatewaySet", (_gateway(call, gateway) for gateway in found))


@ACTIONS.named("AttachInternetGateway", "DetachInternetGateway")
def attach_gateway(call: Call) -> str:
    gateway, vpc = (
        one(call, call.cloud.gateways, "InternetGatewayId", NO_GATEWAY),
        one(call, call.cloud.vpcs, "VpcId", NO_VPC),
    )
    if call.action.startswith("Detach"):
        if gateway.vpc != vpc.id:
            raise invalid("Gateway.NotAttached", f"resource {gateway.id} is not attached to network {vpc.id}")
        gateway.vpc = None
    elif gateway.vpc:
        raise invalid("Resource.AlreadyAssociated", f"resource {gateway.id} is already attached")
    else:
        gateway.vpc = vpc.id
    return element("return", True)


@ACTIONS.named("CreateNetworkInterface")
def create_interface(call: Call) -> str:
    only_in_a_vpc(call)
    subnet = one(call, call.cloud.subnets, "SubnetId", NO_SUBNET)
    made = Interface(call.cloud.new_id("eni"), call.account.id, subnet.vpc, subnet.id, call.cloud.private_ip())
    made.groups = call.asked.many("SecurityGroupId") or _default_group(call, subnet.vpc)
    made.description = call.asked.get("Description", "")
    call.cloud.interfaces[made.id] = made
    return wrap("networkInterface", _interface(call, made))


def _default_group(call: Call, vpc: str) -> list[str]:
    return [g.id for g in call.cloud.groups.values() if (g.vpc, g.name) == (vpc, "default")]


def _interface(call: Call, n: Interface) -> str:
    head = elements(
        networkInterfaceId=n.id, subnetId=n.subnet, vpcId=n.vpc, ownerId=n.account, description=n.description
    )
    head += elements(status="in-use" if n.instance else "available", privateIpAddress=n.ip, sourceDestCheck=True)
    known = (call.cloud.groups[one] for one in n.groups if one in call.cloud.groups)
    head += items("groupSet", (elements(groupId=g.id, groupName=g.name) for g in known))
    inner = elements(instanceId=n.instance, deviceIndex=0, status="attached") if n.instance else ""
    return head + (wrap("attachment", inner) if inner else "") + items("tagSet", [])


def _of_instance(i: Instance) -> Interface:
    made = Interface(i.interface or "", i.account, i.vpc or "", i.subnet or "", i.private_ip)
    made.groups, made.instance = i.groups, i.id
    return made


@ACTIONS.named("DescribeNetworkInterfaces")
def describe_interfaces(call: Call) -> str:
    attached = (i for i in call.cloud.instances.values() if i.interface and i.state != "terminated")
    everything = call.cloud.interfaces | {i.interface: _of_instance(i) for i in attached}
    values = {
        "network-interface-id": lambda n: n.id,
        "vpc-id": lambda n: n.vpc,
        "subnet-id": lambda n: n.subnet,
        "group-id": lambda n: n.groups,
        "attachment.instance-id": lambda n: n.instance,
    }
    found = listed(call, everything, "NetworkInterfaceId", NO_INTERFACE, values)
    return items("networkInterfaceSet", (_interface(call, interface) for interface in found))


@ACTIONS.named("DeleteRouteTable", "DeleteInternetGateway", "DeleteNetworkInterface")
def delete_thing(call: Call) -> str:
    things, parameter, missing = {
        "DeleteRouteTable": (call.cloud.route_tables, "RouteTableId", NO_TABLE),
        "DeleteInternetGateway": (call.cloud.gateways, "InternetGatewayId", NO_GATEWAY),
        "DeleteNetworkInterface": (call.cloud.interfaces, "NetworkInterfaceId", NO_INTERFACE),
    }[call.action]
    found = one(call, things, parameter, missing)
    if call.action == "DeleteInternetGateway" and found.vpc:
        raise invalid("DependencyViolation", f"{found.id} is attached")
    del things[found.id]
    return element("return", True)


def empty(name: str) -> Callable[[Call], str]:
    return lambda call: f"<{name}/>"


# Nothing of these is ever made here, so there is nothing to list.
ACTIONS.named("DescribeNatGateways")(empty("natGatewaySet"))
ACTIONS.named("DescribeNetworkAcls")(empty("networkAclSet"))
ACTIONS.named("DescribeDhcpOptions")(empty("dhcpOptionsSet"))
ACTIONS.named("DescribeLaunchTemplates")(empty("launchTemplates"))
