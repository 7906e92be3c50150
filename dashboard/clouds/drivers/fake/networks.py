"""Networks of the fake cloud, which says yes and no as Neutron does."""

from __future__ import annotations

import ipaddress
import json
import sqlite3
import uuid

from ...interface import Conflict, NetworkSpec, Reason, Refused, RemoteNetwork, RemotePort, RemoteSubnet
from . import quotas, routers
from .calls import Calls
from .floating_ips import FloatingIps
from .routers import Routers
from .security import SecurityGroups

MTU = 1450
SEEN = "SELECT * FROM networks WHERE (place_id = ? OR is_shared OR is_external)"


class FakeNetworks(Routers, SecurityGroups, FloatingIps):
    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def networks(self) -> tuple[RemoteNetwork, ...]:
        with self.calls.read("networks") as db:
            rows = db.execute(f"{SEEN} ORDER BY rowid", (self.calls.place_id,)).fetchall()
            return tuple(_to_network(db, row, calls=self.calls) for row in rows)

    def ports(self) -> tuple[RemotePort, ...]:
        with self.calls.read("ports") as db:
            rows = db.execute(
                "SELECT ports.*, (SELECT group_concat(security_group_id, ' ') FROM port_groups"
                " WHERE port_id = ports.id) AS group_ids FROM ports WHERE place_id = ? ORDER BY rowid",
                (self.calls.place_id,),
            )
            return tuple(_to_port(row) for row in rows)

    def create_network(self, spec: NetworkSpec) -> RemoteNetwork:
        with self.calls.write("create_network", about=spec.mark) as db:
            network_id = self._network(db, spec)
            subnet_id = self._subnet(db, spec, network_id=network_id)
            if spec.external_network_id:
                router_id = routers.ensure(
                    db, calls=self.calls, mark=spec.mark, name=spec.name, external_network_id=spec.external_network_id
                )
                routers.connect(db, router_id, subnet_id=subnet_id, calls=self.calls)
            row = db.execute("SELECT * FROM networks WHERE id = ?", (network_id,)).fetchone()
            return _to_network(db, row, calls=self.calls)

    def delete_network(self, network_id: str) -> None:
        with self.calls.write("delete_network", about=network_id) as db:
            row = db.execute(f"{SEEN} AND id = ?", (self.calls.place_id, network_id)).fetchone()
            if row is None:
                return
            if row["place_id"] != self.calls.place_id or not self.calls.place_id:
                why = f"(rule:delete_network) is disallowed by policy for network {network_id}"
                raise Refused(why, reason=Reason.POLICY, source="fake", http_status=403)
            routers.delete_marked(db, row["mark"], calls=self.calls)
            if db.execute("SELECT 1 FROM ports WHERE network_id = ?", (network_id,)).fetchone():
                why = f"Unable to complete operation on network {network_id}. There are one or more ports still in use."
                raise Conflict(why, source="fake", http_status=409)
            db.execute("DELETE FROM subnets WHERE network_id = ?", (network_id,))
            db.execute("DELETE FROM networks WHERE id = ?", (network_id,))

    def _network(self, db: sqlite3.Connection, spec: NetworkSpec) -> str:
        find = "SELECT id FROM networks WHERE mark = ? AND place_id = ?"
        row = db.execute(find, (spec.mark, self.calls.place_id)).fetchone()
        if row:
            return str(row["id"])
        quotas.check(db, calls=self.calls, networks=1, subnets=1)
        network_id = str(uuid.uuid4())
        values = (network_id, self.calls.place_id, spec.name, spec.mark)
        db.execute("INSERT INTO networks (id, place_id, name, mark) VALUES (?, ?, ?, ?)", values)
        return network_id

    def _subnet(self, db: sqlite3.Connection, spec: NetworkSpec, *, network_id: str) -> str:
        row = db.execute("SELECT id FROM subnets WHERE network_id = ?", (network_id,)).fetchone()
        if row:
            return str(row["id"])
        return insert_subnet(db, spec, place_id=self.calls.place_id, network_id=network_id)


def insert_subnet(db: sqlite3.Connection, spec: NetworkSpec, *, place_id: str, network_id: str) -> str:
    """Returns its id. Raises Refused where the range cannot be."""
    subnet_id = str(uuid.uuid4())
    cidr, gateway, first, last = _range(spec)
    db.execute(
        "INSERT INTO subnets (id, place_id, network_id, name, cidr, gateway, has_dhcp, dns, first, last)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (subnet_id, place_id, network_id, spec.name, cidr, gateway, spec.has_dhcp, json.dumps(spec.dns), first, last),
    )
    return subnet_id


def _range(spec: NetworkSpec) -> tuple[str, str, str, str]:
    """The subnet's CIDR, gateway, and the first and last address of its pool. Raises Refused.

    As in Neutron the gateway may lie outside of it.
    """
    try:
        network = ipaddress.ip_network(spec.cidr)
        gateway = ipaddress.ip_address(spec.gateway) if spec.gateway else network[1]
    except (ValueError, IndexError) as error:
        raise Refused(str(error), reason=Reason.INVALID, source="fake", http_status=400) from error
    first, last = network[1], network[-2 if network.version == 4 else -1]
    first = network[2] if gateway == first else first
    last = network[-3] if gateway == last else last
    return str(network), str(gateway), str(first), str(last)


def _to_network(db: sqlite3.Connection, row: sqlite3.Row, *, calls: Calls) -> RemoteNetwork:
    subnets = db.execute("SELECT * FROM subnets WHERE network_id = ? ORDER BY rowid", (row["id"],))
    return RemoteNetwork(
        id=row["id"],
        name=row["name"],
        status=row["status"],
        is_external=bool(row["is_external"]),
        is_shared=bool(row["is_shared"]),
        is_own=row["place_id"] == calls.place_id,
        mtu=MTU,
        zone=row["zone"],
        subnets=tuple(_to_subnet(subnet) for subnet in subnets),
        mark=row["mark"],
    )


def _to_subnet(row: sqlite3.Row) -> RemoteSubnet:
    return RemoteSubnet(
        id=row["id"],
        network_id=row["network_id"],
        name=row["name"],
        cidr=row["cidr"],
        gateway=row["gateway"],
        has_dhcp=bool(row["has_dhcp"]),
        dns=tuple(json.loads(row["dns"])),
        pools=((row["first"], row["last"]),),
    )


def _to_port(row: sqlite3.Row) -> RemotePort:
    return RemotePort(
        id=row["id"],
        network_id=row["network_id"],
        mac=row["mac"],
        status=row["status"],
        addresses=((row["subnet_id"], row["address"]),),
        instance_id=row["device_id"] if row["owner"].startswith("compute:") else "",
        owner=row["owner"],
        security_group_ids=tuple((row["group_ids"] or "").split()),
    )
