"""Floating IPs of the fake cloud."""

from __future__ import annotations

import sqlite3

from ...interface import Conflict, NotFound, RemoteFloatingIp
from . import addresses, quotas
from .calls import Calls
from .routers import INTERFACE, external_subnet
from .settle import note_change

OWNER = "network:floatingip"


class FloatingIps:
    calls: Calls

    def floating_ips(self) -> tuple[RemoteFloatingIp, ...]:
        with self.calls.read("floating_ips") as db:
            rows = db.execute("SELECT * FROM floating_ips WHERE place_id = ? ORDER BY rowid", (self.calls.place_id,))
            return tuple(_to_floating_ip(db, row) for row in rows.fetchall())

    def allocate(self, *, mark: str, network_id: str) -> RemoteFloatingIp:
        with self.calls.write("allocate", about=mark) as db:
            find = "SELECT * FROM floating_ips WHERE mark = ? AND mark != '' AND place_id = ?"
            row = db.execute(find, (mark, self.calls.place_id)).fetchone()
            if row is None:
                quotas.check(db, calls=self.calls, floating_ips=1)
                row = _find(db, insert(db, place_id=self.calls.place_id, network_id=network_id, mark=mark))
            return _to_floating_ip(db, row)

    def associate(self, floating_ip_id: str, *, port_id: str, fixed_address: str = "") -> RemoteFloatingIp:
        with self.calls.write("associate", about=floating_ip_id) as db:
            row = self._own(db, floating_ip_id)
            self._check_port(db, row, port_id=port_id, fixed_address=fixed_address)
            plug(db, floating_ip_id, port_id=port_id)
            return _to_floating_ip(db, _find(db, floating_ip_id))

    def disassociate(self, floating_ip_id: str) -> None:
        with self.calls.write("disassociate", about=floating_ip_id) as db:
            self._own(db, floating_ip_id)
            plug(db, floating_ip_id, port_id="")

    def release(self, floating_ip_id: str) -> None:
        with self.calls.write("release", about=floating_ip_id) as db:
            row = _find(db, floating_ip_id)
            if row is not None and row["place_id"] == self.calls.place_id:
                remove(db, floating_ip_id)

    def _own(self, db: sqlite3.Connection, floating_ip_id: str) -> sqlite3.Row:
        row = _find(db, floating_ip_id)
        if row is None or row["place_id"] != self.calls.place_id:
            raise NotFound(f"Floating IP {floating_ip_id} could not be found", source="fake", http_status=404)
        return row

    def _check_port(self, db: sqlite3.Connection, row: sqlite3.Row, *, port_id: str, fixed_address: str) -> None:
        """As Neutron answers: 404 where no router leads from the port to the outside, 409 where the port has one."""
        find = "SELECT * FROM ports WHERE id = ? AND place_id = ? AND ? IN ('', address)"
        port = db.execute(find, (port_id, self.calls.place_id, fixed_address)).fetchone()
        if port is None:
            raise NotFound(f"Port {port_id} could not be found.", source="fake", http_status=404)
        if not _leads_out(db, port, network_id=row["network_id"]):
            why = (
                f"External network {row['network_id']} is not reachable from subnet {port['subnet_id']}."
                f" Therefore, cannot associate Port {port_id} with a Floating IP."
            )
            raise NotFound(why, source="fake", http_status=404)
        taken = "SELECT 1 FROM floating_ips WHERE port_id = ? AND id != ?"
        if db.execute(taken, (port_id, row["id"])).fetchone():
            why = f"Cannot associate floating IP {row['address']} with port {port_id}: it already has a floating IP"
            raise Conflict(why, source="fake", http_status=409)


def insert(db: sqlite3.Connection, *, place_id: str, network_id: str, mark: str = "") -> str:
    """Its port, which belongs to nobody's place, holds the address; the port's id is its own. Returns it."""
    subnet = external_subnet(db, network_id)
    port_id = addresses.add_port(db, place_id="", subnet=subnet, owner=OWNER)
    address = db.execute("SELECT address FROM ports WHERE id = ?", (port_id,)).fetchone()["address"]
    values = (port_id, place_id, network_id, address, mark)
    db.execute("INSERT INTO floating_ips (id, place_id, network_id, address, mark) VALUES (?, ?, ?, ?, ?)", values)
    return port_id


def plug(db: sqlite3.Connection, floating_ip_id: str, *, port_id: str) -> None:
    """Into that port; out of the one it is in, where that is empty. The instances at both ends change."""
    _note_instance(db, floating_ip_id)
    db.execute("UPDATE floating_ips SET port_id = ? WHERE id = ?", (port_id, floating_ip_id))
    _note_instance(db, floating_ip_id)


def remove(db: sqlite3.Connection, floating_ip_id: str) -> None:
    _note_instance(db, floating_ip_id)
    db.execute("DELETE FROM ports WHERE id = ?", (floating_ip_id,))
    db.execute("DELETE FROM floating_ips WHERE id = ?", (floating_ip_id,))


def _note_instance(db: sqlite3.Connection, floating_ip_id: str) -> None:
    find = "SELECT device_id FROM ports JOIN floating_ips ON floating_ips.port_id = ports.id WHERE floating_ips.id = ?"
    row = db.execute(find, (floating_ip_id,)).fetchone()
    if row:
        note_change(db, row["device_id"])


def _find(db: sqlite3.Connection, floating_ip_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute("SELECT * FROM floating_ips WHERE id = ?", (floating_ip_id,)).fetchone()
    return row


def _leads_out(db: sqlite3.Connection, port: sqlite3.Row, *, network_id: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM routers JOIN ports ON ports.device_id = routers.id"
        " WHERE ports.subnet_id = ? AND ports.owner = ? AND routers.external_network_id = ?",
        (port["subnet_id"], INTERFACE, network_id),
    ).fetchone()
    return row is not None


def _to_floating_ip(db: sqlite3.Connection, row: sqlite3.Row | None) -> RemoteFloatingIp:
    assert row is not None
    port = db.execute("SELECT address FROM ports WHERE id = ?", (row["port_id"],)).fetchone()
    return RemoteFloatingIp(
        id=row["id"],
        address=row["address"],
        network_id=row["network_id"],
        status="ACTIVE" if row["port_id"] else "DOWN",
        port_id=row["port_id"],
        fixed_address=port["address"] if port else "",
        mark=row["mark"],
    )
