"""Addresses, networks, ports, security groups."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

ADDRESS = r"(?P<address>[0-9a-fA-F.:]{2,45})"
ID = r"(?P<network>[0-9a-f-]{32,36})"

NETWORKS: dict[str, Failure] = {
    "addresses-used-up": Failure(
        cause=_("The network has no free address left."),
        facts=(_("It is the network %(network)s."),),
        action=_("Choose another network, or ask your administrator for a larger subnet."),
        affects=_("the network"),
        signs=(
            Sign(r"No more IP addresses available on network " + ID),
            Sign(r"No fixed IP addresses available for network: " + ID),
            Sign(r"Unable to find any IP address on external network " + ID),
            Sign(r"IpAddressGenerationFailure|NoMoreFixedIps|Zero fixed ips"),
        ),
    ),
    "address-taken": Failure(
        cause=_("The address is used by something else."),
        facts=(_("It is %(address)s."),),
        action=_("Choose another address, or let the cloud choose one."),
        affects=_("the fixed address"),
        signs=(
            Sign(r"IP address " + ADDRESS + r" already allocated in subnet"),
            Sign(r"Fixed IP address " + ADDRESS + r" is already in use"),
            Sign(r"The IP address " + ADDRESS + r" is in use"),
        ),
    ),
    "network-in-use": Failure(
        cause=_("The network is still in use: something is plugged into it."),
        action=_("Unplug or delete what its page lists as plugged in, then try again."),
        affects=_("the network"),
        signs=(
            Sign(r"There are one or more ports still in use"),
            Sign(r"ports on it belong to: "),
        ),
    ),
    "router-in-use": Failure(
        cause=_("The router is still in use: a floating IP reaches its instance through it."),
        action=_("Disassociate the floating IPs of the instances behind it, then try again."),
        affects=_("the router"),
        signs=(
            Sign(r"cannot be deleted, as it is required by one or more floating IPs"),
            Sign(r"Router [0-9a-f-]{36} still has ports"),
        ),
    ),
    "security-group-in-use": Failure(
        cause=_("The security group is still in use by a port."),
        action=_("Take it from the instances that its page lists, then try again."),
        affects=_("the security group"),
        signs=(Sign(r"Security Group [0-9a-f-]{36} in use"),),
    ),
    "no-way-out": Failure(
        cause=_("No router leads from the instance's network to where the floating IP comes from."),
        action=_("Connect the instance's network to a router with a way to the outside, then try again."),
        affects=_("the floating IP"),
        signs=(Sign(r"is not reachable from subnet [\w-]+\. Therefore, cannot associate Port"),),
    ),
    "port-has-floating-ip": Failure(
        cause=_("The instance's port has a floating IP already."),
        action=_("Disassociate that one first, or choose another port."),
        affects=_("the floating IP"),
        signs=(Sign(r"Cannot associate floating IP .* already has a floating IP"),),
    ),
}
