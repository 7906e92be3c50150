"""Making an instance of the fake cloud: what Nova checks before it says yes, and what it finds out afterwards."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from dataclasses import replace

from ...interface import Conflict, LaunchSpec, NetworkChoice, Reason, Refused, Status
from . import addresses, quotas, security
from .calls import Calls
from .flavors import find_flavor
from .instances import note_action, plan
from .placing import NO_HOST, choose_host

NETWORKS = ("192.0.2", "198.51.100", "203.0.113")


def insert(db: sqlite3.Connection, spec: LaunchSpec, *, calls: Calls, remote_id: str) -> None:
    """Raises Refused; what is found out only while it is built ends in ERROR."""
    spec = _sized(db, spec, calls=calls)
    _check_image(db, spec, calls=calls)
    choices = _networks(db, spec, calls=calls)
    spec = _in_zone(db, spec, choices)
    groups = security.named_or_default(db, spec.security_group_ids, calls=calls) if choices else []
    _check_quota(db, spec, calls=calls, ports=len(choices))
    host = choose_host(db, spec, calls=calls)
    _insert_row(db, spec, calls=calls, remote_id=remote_id, host=host)
    note_action(db, remote_id, calls=calls, name="create")
    fault = "" if host else NO_HOST
    fault = fault or _plug_all(db, choices, calls=calls, remote_id=remote_id, groups=groups)
    to = Status.ERROR if fault else Status.ACTIVE
    plan(db, remote_id, calls=calls, call="create", to=to, task="spawning", fault=fault)


def _sized(db: sqlite3.Connection, spec: LaunchSpec, *, calls: Calls) -> LaunchSpec:
    """Where there are places the flavor decides, as in Nova; else what was asked for."""
    if not calls.has_places or not spec.flavor_id:
        return spec
    flavor = find_flavor(db, spec.flavor_id)
    return replace(spec, vcpus=flavor.vcpus, ram_mib=flavor.ram_mib, disk_gib=flavor.disk_gib)


def _check_image(db: sqlite3.Connection, spec: LaunchSpec, *, calls: Calls) -> None:
    find = "SELECT min_disk_gib FROM images WHERE id = ? AND place_id IN ('', ?)"
    image = db.execute(find, (spec.image_id, calls.place_id)).fetchone()
    if image is None:
        raise Refused(f"no image {spec.image_id}", reason=Reason.IMAGE_MISSING, source="fake", http_status=400)
    if (spec.boot_volume_gib or spec.disk_gib) < image["min_disk_gib"]:
        why = "the image needs a larger disk"
        raise Refused(why, reason=Reason.IMAGE_TOO_LARGE, source="fake", http_status=400)


def _check_quota(db: sqlite3.Connection, spec: LaunchSpec, *, calls: Calls, ports: int) -> None:
    quotas.check(db, calls=calls, instances=1, vcpus=spec.vcpus, ram_mib=spec.ram_mib, ports=ports)
    if spec.boot_volume_gib:
        quotas.check(db, calls=calls, volumes=1, volume_gib=spec.boot_volume_gib)


def _networks(db: sqlite3.Connection, spec: LaunchSpec, *, calls: Calls) -> tuple[NetworkChoice, ...]:
    """Those that were chosen; else the first of its own that has a subnet, else the shared one."""
    if not calls.has_places:
        return ()
    if not spec.networks:
        row = db.execute(
            "SELECT id FROM networks WHERE (place_id = ? OR is_shared) AND NOT is_external"
            " AND id IN (SELECT network_id FROM subnets) ORDER BY is_shared, rowid LIMIT 1",
            (calls.place_id,),
        ).fetchone()
        return (NetworkChoice(network_id=row["id"]),) if row else ()
    for choice in spec.networks:
        _check_network(db, choice, calls=calls)
    return spec.networks


def _check_network(db: sqlite3.Connection, choice: NetworkChoice, *, calls: Calls) -> None:
    find = "SELECT is_external FROM networks WHERE id = ? AND (place_id = ? OR is_shared OR is_external)"
    row = db.execute(find, (choice.network_id, calls.place_id)).fetchone()
    if row is None:
        why = f"Network {choice.network_id} could not be found."
        raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)
    if row["is_external"]:
        why = f"It is not allowed to create an interface on external network {choice.network_id}"
        raise Refused(why, reason=Reason.POLICY, source="fake", http_status=403)
    addresses.first_subnet(db, choice.network_id)


def _in_zone(db: sqlite3.Connection, spec: LaunchSpec, choices: tuple[NetworkChoice, ...]) -> LaunchSpec:
    """In the zone of its networks, where these lie in one. Raises Refused for any other, in EC2's words."""
    zone = spec.zone
    for choice in choices:
        (its,) = db.execute("SELECT zone FROM networks WHERE id = ?", (choice.network_id,)).fetchone()
        if its and zone not in ("", its):
            why = f"The availability zone {zone} doesn't match subnet's availability zone {its}"
            raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400)
        zone = its or zone
    return replace(spec, zone=zone)


def _plug_all(
    db: sqlite3.Connection, choices: tuple[NetworkChoice, ...], *, calls: Calls, remote_id: str, groups: list[str]
) -> str:
    """A port on each. Returns the fault where no address is left, as Nova tells it; it is known only then."""
    try:
        for choice in choices:
            _plug(db, choice, calls=calls, remote_id=remote_id, groups=groups)
    except addresses.Exhausted as error:
        return (
            f"Build of instance {remote_id} aborted: Failed to allocate the network(s) with error {error.detail}"
            " not rescheduling."
        )
    return ""


def _plug(db: sqlite3.Connection, choice: NetworkChoice, *, calls: Calls, remote_id: str, groups: list[str]) -> None:
    """A fixed address that is taken is refused at once, as Nova does."""
    subnet = addresses.first_subnet(db, choice.network_id)
    try:
        port_id = addresses.add_port(
            db, place_id=calls.place_id, subnet=subnet, owner="compute:one", device_id=remote_id,
            address=choice.fixed_address,
        )  # fmt: skip
    except Conflict as error:
        why = f"Fixed IP address {choice.fixed_address} is already in use."
        raise Refused(why, reason=Reason.INVALID, source="fake", http_status=400) from error
    security.put_groups(db, port_id, group_ids=groups)


def _insert_row(db: sqlite3.Connection, spec: LaunchSpec, *, calls: Calls, remote_id: str, host: str) -> None:
    db.execute(
        "INSERT INTO instances (id, name, status, vcpus, ram_mib, disk_gib, tenant_id, instance_id, operation_id,"
        " address, image_id, flavor_id, created_at, console_log, place_id, host, server_group_id, tags, metadata,"
        " volume_ids, volume_gib, description, user_data) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (remote_id, spec.name, Status.BUILD, spec.vcpus, spec.ram_mib, spec.disk_gib, spec.tenant_id,
         spec.instance_id, spec.operation_id, "" if calls.has_places else _address(db), spec.image_id,
         spec.flavor_id, time.time(), f"Booting {spec.image_id}\nfake login: ", calls.place_id, host,
         spec.server_group_id, json.dumps(spec.tags), json.dumps(dict(spec.metadata)),
         json.dumps([str(uuid.uuid4())] if spec.boot_volume_gib else []), spec.boot_volume_gib, spec.description,
         spec.user_data),
    )  # fmt: skip


def _address(db: sqlite3.Connection) -> str:
    """The first of the documentation networks' addresses that nobody has; none when all are taken."""
    taken = {row["address"] for row in db.execute("SELECT address FROM instances")}
    every = (f"{network}.{number}" for network in NETWORKS for number in range(1, 255))
    return next((address for address in every if address not in taken), "")
