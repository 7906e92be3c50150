"""Networks, ports and floating IPs that others make and remove. An instance whose addresses change is seen to."""

from __future__ import annotations

import uuid

from ....interface import NetworkSpec
from .. import addresses, floating_ips, networks
from ..settle import note_change
from ..store import writing


def make_network(path: str, *, place_id: str, name: str, cidr: str, zone: str = "") -> str:
    """With one subnet, without our mark; with `zone` it lies in that one alone. Returns its id."""
    network_id = str(uuid.uuid4())
    with writing(path) as db:
        values = (network_id, place_id, name, zone)
        db.execute("INSERT INTO networks (id, place_id, name, zone) VALUES (?, ?, ?, ?)", values)
        networks.insert_subnet(db, NetworkSpec(mark="", name=name, cidr=cidr), place_id=place_id, network_id=network_id)
    return network_id


def make_port(path: str, *, place_id: str, network_id: str, instance_id: str = "", address: str = "") -> str:
    owner = "compute:one" if instance_id else ""
    with writing(path) as db:
        subnet = addresses.first_subnet(db, network_id)
        port_id = addresses.add_port(
            db, place_id=place_id, subnet=subnet, owner=owner, device_id=instance_id, address=address
        )
        if instance_id:
            note_change(db, instance_id)
    return port_id


def remove_port(path: str, port_id: str) -> None:
    with writing(path) as db:
        row = db.execute("SELECT device_id FROM ports WHERE id = ?", (port_id,)).fetchone()
        db.execute("UPDATE floating_ips SET port_id = '' WHERE port_id = ?", (port_id,))
        db.execute("DELETE FROM ports WHERE id = ?", (port_id,))
        if row:
            note_change(db, row["device_id"])


def make_floating_ip(path: str, *, place_id: str, network_id: str = "public", port_id: str = "") -> str:
    with writing(path) as db:
        floating_ip_id = floating_ips.insert(db, place_id=place_id, network_id=network_id)
        if port_id:
            floating_ips.plug(db, floating_ip_id, port_id=port_id)
    return floating_ip_id


def plug_floating_ip(path: str, floating_ip_id: str, *, port_id: str) -> None:
    """Into that port, or with an empty one out of the one that it is in."""
    with writing(path) as db:
        floating_ips.plug(db, floating_ip_id, port_id=port_id)


def remove_floating_ip(path: str, floating_ip_id: str) -> None:
    with writing(path) as db:
        floating_ips.remove(db, floating_ip_id)
