"""Routers of the fake cloud. What they connect are ports of theirs, as in Neutron."""

from __future__ import annotations

import ipaddress
import sqlite3
import uuid

from ...interface import Conflict, NotFound, Reason, Refused, RemoteRouter
from . import addresses, quotas
from .calls import Calls

INTERFACE, GATEWAY = "network:router_interface", "network:router_gateway"


class Routers:
    calls: Calls

    def routers(self) -> tuple[RemoteRouter, ...]:
        with self.calls.read("routers") as db:
            rows = db.execute("SELECT * FROM routers WHERE place_id = ? ORDER BY rowid", (self.calls.place_id,))
            return tuple(_to_router(db, row) for row in rows.fetchall())

    def create_router(self, *, mark: str, name: str, external_network_id: str = "") -> RemoteRouter:
        with self.calls.write("create_router", about=mark) as db:
            router_id = ensure(db, calls=self.calls, mark=mark, name=name, external_network_id=external_network_id)
            return _to_router(db, _find(db, router_id, calls=self.calls))

    def connect_router(self, router_id: str, *, subnet_id: str) -> None:
        with self.calls.write("connect_router", about=router_id) as db:
            connect(db, router_id, subnet_id=subnet_id, calls=self.calls)

    def disconnect_router(self, router_id: str, *, subnet_id: str) -> None:
        with self.calls.write("disconnect_router", about=router_id) as db:
            _find(db, router_id, calls=self.calls)
            _refuse_needed(db, router_id, subnet_id=subnet_id)
            addresses.remove_ports(db, device_id=router_id, subnet_id=subnet_id)

    def delete_router(self, router_id: str) -> None:
        with self.calls.write("delete_router", about=router_id) as db:
            find = "SELECT 1 FROM routers WHERE id = ? AND place_id = ?"
            if db.execute(find, (router_id, self.calls.place_id)).fetchone():
                _delete(db, router_id)


def ensure(db: sqlite3.Connection, *, calls: Calls, mark: str, name: str, external_network_id: str) -> str:
    """The id of the router with the mark, made where there is none yet. With a way out where one is given."""
    row = db.execute("SELECT id FROM routers WHERE mark = ? AND place_id = ?", (mark, calls.place_id)).fetchone()
    if row:
        return str(row["id"])
    quotas.check(db, calls=calls, routers=1)
    router_id = str(uuid.uuid4())
    values = (router_id, calls.place_id, name, external_network_id, mark)
    db.execute("INSERT INTO routers VALUES (?, ?, ?, ?, ?)", values)
    if external_network_id:
        subnet = external_subnet(db, external_network_id)
        addresses.add_port(db, place_id="", subnet=subnet, owner=GATEWAY, device_id=router_id)
    return router_id


def connect(db: sqlite3.Connection, router_id: str, *, subnet_id: str, calls: Calls) -> None:
    """With the subnet's gateway as its address there. Raises NotFound, Refused or Conflict."""
    _find(db, router_id, calls=calls)
    subnet = db.execute(
        "SELECT subnets.* FROM subnets JOIN networks ON networks.id = network_id"
        " WHERE subnets.id = ? AND (subnets.place_id = ? OR is_shared)",
        (subnet_id, calls.place_id),
    ).fetchone()
    if subnet is None:
        raise NotFound(f"Subnet {subnet_id} could not be found.", source="fake", http_status=404)
    connected = _connected(db, router_id)
    if subnet_id in {other["id"] for other in connected}:
        return
    _refuse_overlap(subnet, connected)
    quotas.check(db, calls=calls, ports=1)
    addresses.add_port(
        db, place_id=calls.place_id, subnet=subnet, owner=INTERFACE, device_id=router_id, address=subnet["gateway"]
    )


def delete_marked(db: sqlite3.Connection, mark: str, *, calls: Calls) -> None:
    """What was made together with a network."""
    find = "SELECT id FROM routers WHERE mark = ? AND mark != '' AND place_id = ?"
    for row in db.execute(find, (mark, calls.place_id)).fetchall():
        _delete(db, row["id"])


def external_subnet(db: sqlite3.Connection, network_id: str) -> sqlite3.Row:
    row = db.execute("SELECT is_external FROM networks WHERE id = ?", (network_id,)).fetchone()
    if row is None:
        raise NotFound(f"Network {network_id} could not be found.", source="fake", http_status=404)
    if not row["is_external"]:
        why = f"Network {network_id} is not a valid external network"
        raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)
    return addresses.first_subnet(db, network_id)


def _find(db: sqlite3.Connection, router_id: str, *, calls: Calls) -> sqlite3.Row:
    find = "SELECT * FROM routers WHERE id = ? AND place_id = ?"
    row: sqlite3.Row | None = db.execute(find, (router_id, calls.place_id)).fetchone()
    if row is None:
        raise NotFound(f"Router {router_id} could not be found", source="fake", http_status=404)
    return row


def _connected(db: sqlite3.Connection, router_id: str) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT subnets.* FROM subnets JOIN ports ON ports.subnet_id = subnets.id WHERE device_id = ? AND owner = ?",
        (router_id, INTERFACE),
    ).fetchall()


def _refuse_overlap(subnet: sqlite3.Row, connected: list[sqlite3.Row]) -> None:
    network = ipaddress.ip_network(subnet["cidr"])
    for other in connected:
        if network.overlaps(ipaddress.ip_network(other["cidr"])):
            why = f"Cidr {subnet['cidr']} of subnet {subnet['id']} overlaps with cidr {other['cidr']}"
            raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)


def _refuse_needed(db: sqlite3.Connection, router_id: str, *, subnet_id: str = "") -> None:
    """A floating IP reaches its port through the router."""
    needed = db.execute(
        "SELECT 1 FROM floating_ips JOIN ports ON ports.id = floating_ips.port_id"
        " JOIN ports AS own ON own.subnet_id = ports.subnet_id"
        " WHERE own.device_id = ? AND own.owner = ? AND ? IN ('', own.subnet_id)",
        (router_id, INTERFACE, subnet_id),
    ).fetchone()
    if needed:
        why = (
            f"Router interface of router {router_id} cannot be deleted, as it is required by one or more floating IPs."
        )
        raise Conflict(why, source="fake", http_status=409)


def _delete(db: sqlite3.Connection, router_id: str) -> None:
    _refuse_needed(db, router_id)
    addresses.remove_ports(db, device_id=router_id)
    db.execute("DELETE FROM routers WHERE id = ?", (router_id,))


def _to_router(db: sqlite3.Connection, row: sqlite3.Row) -> RemoteRouter:
    outside = db.execute("SELECT address FROM ports WHERE device_id = ? AND owner = ?", (row["id"], GATEWAY))
    return RemoteRouter(
        id=row["id"],
        name=row["name"],
        status="ACTIVE",
        external_network_id=row["external_network_id"],
        external_addresses=tuple(port["address"] for port in outside),
        subnet_ids=tuple(subnet["id"] for subnet in _connected(db, row["id"])),
        mark=row["mark"],
    )
