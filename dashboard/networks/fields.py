"""What a driver answered, as the fields of our rows: pure functions."""

from __future__ import annotations

from typing import Any

from dashboard.clouds.interface import (
    RemoteFloatingIp,
    RemoteNetwork,
    RemotePort,
    RemoteRouter,
    RemoteSecurityGroup,
    RemoteSubnet,
)

from .models import Network

Fields = dict[str, Any]
DESCRIPTION_LENGTH = 1000


def of_network(remote: RemoteNetwork) -> Fields:
    return {
        "name": remote.name[:255],
        "mark": remote.mark[:64],
        "status": remote.status[:32],
        "is_external": remote.is_external,
        "is_shared": remote.is_shared,
        "is_own": remote.is_own,
        "mtu": remote.mtu,
        "zone": remote.zone[:255],
    }


def of_subnet(remote: RemoteSubnet, network: Network) -> Fields:
    return {
        "network_id": network.pk,
        "name": remote.name[:255],
        "cidr": remote.cidr,
        "gateway": remote.gateway,
        "has_dhcp": remote.has_dhcp,
        "dns": list(remote.dns),
        "pools": [list(pool) for pool in remote.pools],
    }


def of_router(remote: RemoteRouter) -> Fields:
    return {
        "name": remote.name[:255],
        "mark": remote.mark[:64],
        "status": remote.status[:32],
        "external_network_id": remote.external_network_id,
        "external_addresses": list(remote.external_addresses),
        "subnet_ids": list(remote.subnet_ids),
    }


def of_port(remote: RemotePort) -> Fields:
    return {
        "network_id": remote.network_id,
        "mac": remote.mac[:64],
        "status": remote.status[:32],
        "addresses": [list(pair) for pair in remote.addresses],
        "instance_id": remote.instance_id,
        "owner": remote.owner[:255],
        "security_group_ids": list(remote.security_group_ids),
    }


def of_group(remote: RemoteSecurityGroup) -> Fields:
    return {
        "name": remote.name[:255],
        "mark": remote.mark[:64],
        "description": remote.description[:DESCRIPTION_LENGTH],
    }


def of_floating_ip(remote: RemoteFloatingIp) -> Fields:
    return {
        "name": remote.address,
        "mark": remote.mark[:64],
        "address": remote.address,
        "network_id": remote.network_id,
        "status": remote.status[:32],
        "port_id": remote.port_id,
        "fixed_address": remote.fixed_address,
    }
