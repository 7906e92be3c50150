"""Addresses of the fake cloud's subnets, and the ports that hold them.

An address is kept as its number within the subnet, so that the next free one is found by one query,
also where IPv6 addresses are too long for a number of SQLite's.
"""

from __future__ import annotations

import ipaddress
import secrets
import sqlite3
import uuid

from ...interface import Conflict, Reason, Refused

LARGEST_POOL = 2**32
NEXT_FREE = """
SELECT min(number) + 1 FROM (SELECT :first - 1 AS number UNION ALL SELECT number FROM ports WHERE subnet_id = :subnet
AND number >= :first) AS used WHERE NOT EXISTS
(SELECT 1 FROM ports WHERE subnet_id = :subnet AND ports.number = used.number + 1)
"""


class Exhausted(Refused):
    """No address of the subnet is free."""


def first_subnet(db: sqlite3.Connection, network_id: str) -> sqlite3.Row:
    """Raises Refused where the network has none."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM subnets WHERE network_id = ? ORDER BY rowid LIMIT 1", (network_id,)
    ).fetchone()
    if row is None:
        raise Refused(
            f"Network {network_id} requires a subnet in order to boot instances on.",
            reason=Reason.INVALID, source="fake", http_status=400,
        )  # fmt: skip
    return row


def add_port(
    db: sqlite3.Connection, *, place_id: str, subnet: sqlite3.Row, owner: str, device_id: str = "", address: str = ""
) -> str:
    """With that address, or with the next free one. Returns its id. Raises Conflict or Exhausted."""
    number = _number(subnet, address) if address else _next_free(db, subnet)
    port_id, text = str(uuid.uuid4()), text_of(subnet, number)
    try:
        db.execute(
            "INSERT INTO ports (id, place_id, network_id, subnet_id, address, number, mac, device_id, owner)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (port_id, place_id, subnet["network_id"], subnet["id"], text, number, _mac(), device_id, owner),
        )
    except sqlite3.IntegrityError as error:
        where = f"IP address {text} already allocated in subnet {subnet['id']}"
        raise Conflict(where, source="fake", http_status=409) from error
    return port_id


def remove_ports(db: sqlite3.Connection, *, device_id: str, subnet_id: str = "") -> None:
    db.execute("DELETE FROM ports WHERE device_id = ? AND ? IN ('', subnet_id)", (device_id, subnet_id))


def text_of(subnet: sqlite3.Row, number: int) -> str:
    return str(_network(subnet)[number])


def _number(subnet: sqlite3.Row, address: str) -> int:
    """Raises Refused where the subnet has no such address."""
    network = _network(subnet)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        parsed = None
    if parsed is None or parsed not in network:
        why = f"IP address {address} is not a valid IP for the specified subnet."
        raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)
    return int(parsed) - int(network.network_address)


def _next_free(db: sqlite3.Connection, subnet: sqlite3.Row) -> int:
    first, last = (_number(subnet, subnet[end]) for end in ("first", "last"))
    row = db.execute(NEXT_FREE, {"first": first, "subnet": subnet["id"]}).fetchone()
    if row[0] > min(last, first + LARGEST_POOL):
        why = f"No more IP addresses available on network {subnet['network_id']}."
        raise Exhausted(why, reason=Reason.CAPACITY, source="fake", http_status=409)
    return int(row[0])


def _network(subnet: sqlite3.Row) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(subnet["cidr"])


def _mac() -> str:
    """With the prefix that Neutron gives."""
    return "fa:16:3e:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3))
