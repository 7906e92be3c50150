"""Addresses, networks, ports, routers, security groups."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

ADDRESS = r"(?P<address>[0-9a-fA-F.:]{2,45})"
ID = r"[0-9a-f-]{32,36}"
NETWORK = rf"(?P<network>{ID})"

NETWORKS: dict[str, Failure] = {
    "addresses-used-up": Failure(
        cause=_("The network has no free address left."),
        facts=(_("It is the network %(network)s."),),
        affects=_("the network"),
        action=_("Choose another network, or ask your administrator for a larger subnet."),
        signs=(
            Sign(r"No more IP addresses available on network " + NETWORK),
            Sign(r"No fixed IP addresses available for network: " + NETWORK),
            Sign(r"Unable to find any IP address on external network " + NETWORK),
            Sign(r"IpAddressGenerationFailure|NoMoreFixedIps|Zero fixed ips"),
        ),
    ),
    "address-taken": Failure(
        cause=_("The address is used by something else."),
        facts=(_("It is %(address)s."),),
        affects=_("the fixed address"),
        action=_("Choose another address, or let the cloud choose one."),
        signs=(
            Sign(rf"IP address {ADDRESS} already allocated in subnet"),
            Sign(rf"Fixed IP address {ADDRESS} is already in use"),
            Sign(rf"The IP address {ADDRESS} is in use"),
        ),
    ),
    "address-outside": Failure(
        cause=_("The address is not one of the network's subnets."),
        facts=(_("It is %(address)s."),),
        affects=_("the fixed address"),
        action=_("Choose an address of the network, or let the cloud choose one."),
        signs=(
            Sign(rf"IP address {ADDRESS} is not a valid IP for"),
            Sign(rf"Fixed IP {ADDRESS} is not a valid ip address for network"),
        ),
    ),
    "network-must-be-named": Failure(
        cause=_("There are several networks, and the cloud does not choose among them."),
        affects=_("the choice of networks"),
        action=_("Choose a network by name."),
        signs=(Sign(r"Multiple possible networks found"),),
    ),
    "no-network": Failure(
        cause=_("There is no network that it could be on, and this cloud makes none by itself."),
        affects=_("the choice of networks"),
        action=_("Make a network under “Networks”, then launch again."),
        signs=(Sign(r"Unable to automatically allocate a network for project"),),
    ),
    "network-without-subnet": Failure(
        cause=_("The network has no subnet, so that nothing on it can get an address."),
        affects=_("the network"),
        action=_("Add a subnet to the network, or choose another one."),
        signs=(Sign(r"requires a subnet in order to boot"),),
    ),
    "network-external": Failure(
        cause=_("Instances may not be connected to this external network itself."),
        affects=_("the network"),
        action=_("Connect it to a network of your own with a router, and use a floating IP."),
        signs=(Sign(r"not allowed to create an interface on external network"),),
    ),
    "gone-network": Failure(
        cause=_("The network does not exist any more on the cloud."),
        affects=_("the network"),
        action=_("Choose another network."),
        signs=(
            Sign(rf"Network {ID} could not be found"),
            Sign(r"^Invalid(Subnet|Vpc)ID\.NotFound", source="ec2"),
        ),
    ),
    "network-in-use": Failure(
        cause=_("The network is still in use: something is plugged into it."),
        affects=_("the network"),
        action=_("Unplug or delete what its page lists as plugged in, then try again."),
        signs=(
            Sign(r"There are one or more ports still in use"),
            Sign(r"Unable to complete operation on subnet"),
            Sign(r"ports on it belong to: "),
        ),
    ),
    "router-in-use": Failure(
        cause=_(
            "The router is still in use: networks are connected, or a floating IP reaches its instance through it."
        ),
        affects=_("the router"),
        action=_(
            "Disconnect its networks and disassociate the floating IPs of the instances behind it, then try again."
        ),
        signs=(
            Sign(r"cannot be deleted, as it is required by one or more floating IPs"),
            Sign(rf"Router {ID} (has ports still attached|still has ports)"),
        ),
    ),
    "subnets-overlap": Failure(
        cause=_("The subnet's addresses overlap with those of another subnet of the network."),
        facts=(_("It is %(cidr)s."),),
        affects=_("the subnet"),
        action=_("Choose another range of addresses."),
        signs=(Sign(r"cidr: (?P<cidr>[0-9a-fA-F.:/]{3,50}) .*overlaps with another subnet"),),
    ),
    "no-way-out": Failure(
        cause=_("No router leads from the instance's network to where the floating IP comes from."),
        affects=_("the floating IP"),
        action=_("Connect the instance's network to a router with a way to the outside, then try again."),
        signs=(Sign(rf"External network {ID} is not reachable from subnet"),),
    ),
    "port-has-floating-ip": Failure(
        cause=_("The instance's port has a floating IP already."),
        affects=_("the floating IP"),
        action=_("Disassociate that one first, or choose another port."),
        signs=(Sign(r"Cannot associate floating IP .* already has a floating IP"),),
    ),
    "gone-security-group": Failure(
        cause=_("The security group does not exist any more on the cloud."),
        affects=_("the security group"),
        action=_("Choose another security group."),
        signs=(
            Sign(r"Unable to find security_group with name or id"),
            Sign(rf"Security group {ID} (does not exist|could not be found)"),
            Sign(r"^InvalidGroup\.NotFound", source="ec2"),
        ),
    ),
    "security-group-in-use": Failure(
        cause=_("The security group is still in use by a port."),
        affects=_("the security group"),
        action=_("Take it from the instances that its page lists, then try again."),
        signs=(Sign(rf"Security Group {ID} in use"),),
    ),
    "rule-exists": Failure(
        cause=_("The security group has this rule already."),
        affects=_("the security group"),
        action=_("Nothing needs to be done."),
        signs=(Sign(r"Security group rule already exists"), Sign(r"^InvalidPermission\.Duplicate", source="ec2")),
    ),
    "port-not-bound": Failure(
        cause=_("The cloud could not connect the instance to its network on the host that it chose."),
        affects=_("the instance's port"),
        action=_("Delete it and launch another. If it happens again, ask your administrator."),
        signs=(
            Sign(rf"Binding failed for port {ID}"),
            Sign(r"Virtual Interface creation failed|Failed to allocate the network\(s\), not rescheduling"),
        ),
    ),
}
