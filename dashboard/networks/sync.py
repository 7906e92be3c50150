"""What a cloud said about networks, into rows. The only writer of what is seen.

A look is complete or raises, so what is not in it is gone; except where an operation of ours is open
on the row, which finds that out by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from dashboard.clouds.interface import Networks, RemoteNetwork, RemoteSecurityGroup
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Tenant

from .models import FloatingIp, Network, Port, Router, Rule, SecurityGroup, Seen, Subnet

Fields = dict[str, Any]
S = TypeVar("S", bound=Seen)


def sync_networks(cloud: Cloud, networks: Networks, *, tenant: Tenant | None) -> None:
    """Everything that the place sees, five calls. Raises CloudError; what was read until then is kept."""
    view = View(cloud, tenant)
    remotes = networks.networks()
    rows = view.write(Network, [(remote.id, network_fields(remote)) for remote in remotes])
    view.write(Subnet, subnets_of(remotes, rows))
    view.write(
        Router,
        [
            (
                remote.id,
                {
                    "name": remote.name[:255],
                    "status": remote.status[:32],
                    "external_network_id": remote.external_network_id,
                    "external_addresses": list(remote.external_addresses),
                    "subnet_ids": list(remote.subnet_ids),
                },
            )
            for remote in networks.routers()
        ],
    )
    write_groups(view, networks.security_groups())
    write_ports(view, networks)
    view.close()


def sync_ports(cloud: Cloud, networks: Networks, *, tenant: Tenant | None) -> None:
    """What changes without anybody asking for it: ports and floating IPs, two calls."""
    view = View(cloud, tenant)
    write_ports(view, networks)
    view.close()


class View:
    """One tenant's view of one cloud while it is being written."""

    def __init__(self, cloud: Cloud, tenant: Tenant | None) -> None:
        self.cloud = cloud
        self.tenant = tenant
        self.has_changed = False

    def write(self, model: type[S], seen: Iterable[tuple[str, Fields]]) -> dict[str, S]:
        """Make the rows of one model what is seen, by the cloud's ids; returns them. Few queries for small changes."""
        mine = model.objects.filter(cloud=self.cloud, tenant=self.tenant).exclude(remote_id="")
        known: dict[str, S] = {row.remote_id: row for row in mine}  # type: ignore[misc]
        rows: dict[str, S] = {}
        for remote_id, fields in seen:
            rows[remote_id] = self.write_one(model, known.pop(remote_id, None), remote_id=remote_id, fields=fields)
        gone = [row.pk for row in known.values()]
        busy = set(Operation.objects.open().filter(target_id__in=gone).values_list("target_id", flat=True))
        for row in known.values():
            if row.pk not in busy:
                row.delete()
                self.has_changed = True
        return rows

    def write_one(self, model: type[S], row: S | None, *, remote_id: str, fields: Fields) -> S:
        if row is None:
            self.has_changed = True
            made, _new = model.objects.get_or_create(
                cloud=self.cloud, tenant=self.tenant, remote_id=remote_id, defaults=fields
            )
            return cast("S", made)
        changed = [name for name, value in fields.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, fields[name])
        if changed:
            self.has_changed = True
            row.save(update_fields=changed)
        return row

    def close(self) -> None:
        """Tell the browsers, once."""
        if self.has_changed:
            publish(self.tenant.pk if self.tenant else None, "networks", object_id=self.cloud.pk)


def network_fields(remote: RemoteNetwork) -> Fields:
    return {
        "name": remote.name[:255],
        "status": remote.status[:32],
        "is_external": remote.is_external,
        "is_shared": remote.is_shared,
        "is_own": remote.is_own,
        "mtu": remote.mtu,
    }


def subnets_of(remotes: Iterable[RemoteNetwork], rows: dict[str, Network]) -> list[tuple[str, Fields]]:
    return [
        (
            subnet.id,
            {
                "network_id": rows[remote.id].pk,
                "name": subnet.name[:255],
                "cidr": subnet.cidr,
                "gateway": subnet.gateway,
                "has_dhcp": subnet.has_dhcp,
                "dns": list(subnet.dns),
                "pools": [list(pool) for pool in subnet.pools],
            },
        )
        for remote in remotes
        for subnet in remote.subnets
    ]


def write_groups(view: View, remotes: Iterable[RemoteSecurityGroup]) -> None:
    remotes = list(remotes)
    rows = view.write(
        SecurityGroup, [(r.id, {"name": r.name[:255], "description": r.description[:1000]}) for r in remotes]
    )
    for remote in remotes:
        write_rules(view, rows[remote.id], remote)


def write_rules(view: View, group: SecurityGroup, remote: RemoteSecurityGroup) -> None:
    """A rule never changes: it is there or not."""
    known = set(group.rules.values_list("remote_id", flat=True))
    seen = {rule.id: rule for rule in remote.rules}
    if known == set(seen):
        return
    view.has_changed = True
    group.rules.exclude(remote_id__in=seen).delete()
    Rule.objects.bulk_create(
        Rule(
            group=group,
            remote_id=rule.id,
            direction=rule.direction,
            family=rule.family,
            protocol=rule.protocol,
            port_min=rule.port_min,
            port_max=rule.port_max,
            cidr=rule.cidr,
            peer_group_id=rule.group_id,
            description=rule.description[:255],
        )
        for rule in seen.values()
        if rule.id not in known
    )


def write_ports(view: View, networks: Networks) -> None:
    view.write(
        Port,
        [
            (
                remote.id,
                {
                    "network_id": remote.network_id,
                    "mac": remote.mac[:64],
                    "status": remote.status[:32],
                    "addresses": [list(pair) for pair in remote.addresses],
                    "instance_id": remote.instance_id,
                    "owner": remote.owner[:255],
                    "security_group_ids": list(remote.security_group_ids),
                },
            )
            for remote in networks.ports()
        ],
    )
    view.write(
        FloatingIp,
        [
            (
                remote.id,
                {
                    "name": remote.address,
                    "address": remote.address,
                    "network_id": remote.network_id,
                    "status": remote.status[:32],
                    "port_id": remote.port_id,
                    "fixed_address": remote.fixed_address,
                },
            )
            for remote in networks.floating_ips()
        ],
    )
