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
}
