"""Any number of servers in demo1, on the fake hosts, through Nova's API."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from openstack.connection import Connection

from dashboard.setup.terminal import say

from ..place import LabFailed

NAME = "seed"
CLOUD = "lab-demo1"
NETWORK = "private1"
AT_ONCE = 100  # servers of one request
BUILDING_AT_MOST = 400
LIMIT_S = 3600


def make(admin: Connection, connection: Connection, count: int, *, with_network: bool) -> None:
    """Make so many more, and wait until they are ACTIVE. Raises LabFailed when one is not."""
    _lift_quotas(admin, project=connection.current_project_id)
    ask = _body(connection, with_network=with_network)
    before, began, asked = _counts(connection), time.monotonic(), 0
    while True:
        active, failed = (now - then for now, then in zip(_counts(connection), before, strict=True))
        if active + failed >= count:
            break
        if time.monotonic() - began > LIMIT_S:
            raise LabFailed(f"{active} of {count} servers are ACTIVE after {LIMIT_S} s.")
        if asked < count and asked - active - failed < BUILDING_AT_MOST:
            asked += _post(connection, ask, count=min(AT_ONCE, count - asked))
        else:
            time.sleep(2)
    say(f"{active} servers ACTIVE, {failed} in ERROR, in {time.monotonic() - began:.0f} s")
    if failed:
        raise LabFailed(f"{failed} of {count} servers are in ERROR.")


def delete(connection: Connection) -> None:
    """Delete all that `make` made, and wait until they are gone."""
    began, end = time.monotonic(), time.monotonic() + LIMIT_S
    total = len(_ids(connection))
    while ids := _ids(connection):
        if time.monotonic() > end:
            raise LabFailed(f"{len(ids)} servers are still there after {LIMIT_S} s.")
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(connection.compute.delete_server, ids))
        time.sleep(3)
    say(f"{total} servers deleted in {time.monotonic() - began:.0f} s")


def _lift_quotas(admin: Connection, *, project: str) -> None:
    admin.compute.update_quota_set(project, instances=-1, cores=-1, ram=-1)
    admin.network.update_quota(project, ports=-1)


def _body(connection: Connection, *, with_network: bool) -> dict[str, object]:
    networks = [{"uuid": connection.network.find_network(NETWORK).id}] if with_network else "none"
    flavor, image = connection.compute.find_flavor("m1.nano"), connection.image.find_image("tiny")
    return {"name": NAME, "flavorRef": flavor.id, "imageRef": image.id, "networks": networks}


def _post(connection: Connection, body: dict[str, object], *, count: int) -> int:
    """Nova names them seed-1, seed-2, ... by itself, but a single one not."""
    name = f"{NAME}-1" if count == 1 else NAME
    server = {**body, "name": name, "min_count": count, "max_count": count}
    connection.compute.post("/servers", json={"server": server}, microversion="2.96").raise_for_status()
    return count


def _counts(connection: Connection) -> tuple[int, int]:
    """How many of ours are ACTIVE, and in ERROR."""
    return len(_ids(connection, status="ACTIVE")), len(_ids(connection, status="ERROR"))


def _ids(connection: Connection, **wanted: str) -> list[str]:
    return [server.id for server in connection.compute.servers(details=False, name=f"^{NAME}-", **wanted)]
