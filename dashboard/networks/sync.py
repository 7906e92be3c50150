"""What a cloud said about networks, into rows. The only writer of what is seen.

A look is complete or raises, so what is not in it is gone; except what an operation of ours is open on, or changed
after the look began. What we asked for carries its row's mark; what others made in the tenant's place gets a row and
counts against the tenant's quota, also above the limit.
"""

from __future__ import annotations

from dashboard.clouds.interface import Networks
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from . import fields
from .models import FloatingIp, Network, Port, Router, SecurityGroup, Subnet
from .rules import write_rules
from .view import View


def sync_networks(cloud: Cloud, networks: Networks, *, tenant: Tenant | None) -> None:
    """Everything that the place sees, five calls. Raises CloudError; what was read until then is kept."""
    view = View(cloud, tenant)
    write_networks(view, networks)
    write_groups(view, networks)
    write_ports(view, networks)
    write_floating_ips(view, networks)
    view.close()


def sync_ports(cloud: Cloud, networks: Networks, *, tenant: Tenant | None) -> None:
    """What changes without anybody asking for it: ports and floating IPs, two calls."""
    view = View(cloud, tenant)
    write_ports(view, networks)
    write_floating_ips(view, networks)
    view.close()


def write_networks(view: View, networks: Networks) -> None:
    """Networks with their subnets, and the routers between them."""
    remotes = networks.networks()
    rows = view.write(Network, [(remote.id, fields.of_network(remote)) for remote in remotes])
    view.write(Subnet, [(s.id, fields.of_subnet(s, rows[r.id])) for r in remotes if r.id in rows for s in r.subnets])
    view.write(Router, [(remote.id, fields.of_router(remote)) for remote in networks.routers()])


def write_groups(view: View, networks: Networks) -> None:
    remotes = networks.security_groups()
    rows = view.write(SecurityGroup, [(remote.id, fields.of_group(remote)) for remote in remotes])
    if write_rules({rows[remote.id]: remote.rules for remote in remotes if remote.id in rows}):
        view.has_changed = True


def write_ports(view: View, networks: Networks) -> None:
    view.write(Port, [(remote.id, fields.of_port(remote)) for remote in networks.ports()])


def write_floating_ips(view: View, networks: Networks) -> None:
    view.write(FloatingIp, [(remote.id, fields.of_floating_ip(remote)) for remote in networks.floating_ips()])
