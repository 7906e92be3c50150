"""Waiting for the compute hosts, and keeping kvm1 for the flavors that ask for a real guest."""

from __future__ import annotations

import subprocess
import time

from openstack.compute.v2.aggregate import Aggregate
from openstack.connection import Connection

from ..place import FAKE_HOSTS, LIBVIRT_HOST, Lab, LabFailed
from ..processes import find
from .things import REAL_TRAIT

LIMIT_S = 180
AGGREGATE = "real"
PLACEMENT = {"OpenStack-API-Version": "placement 1.36"}


def wait(lab: Lab, admin: Connection) -> None:
    """Until Nova can place guests on each. Raises LabFailed."""
    wanted, end = {*FAKE_HOSTS, LIBVIRT_HOST}, time.monotonic() + LIMIT_S
    while missing := wanted - _usable(admin):
        for host in missing:
            if find(lab, f"nova-compute-{host}") is None:
                raise LabFailed(f"nova-compute on {host} ended; see {lab.folder('log')}/nova-compute-{host}.log")
        if time.monotonic() > end:
            raise LabFailed(f"Not usable after {LIMIT_S} s: {', '.join(sorted(missing))}; see {lab.folder('log')}")
        _discover(lab)
        time.sleep(1)


def reserve_libvirt_host(admin: Connection) -> None:
    """Nova's way: a trait that the host has, and that every flavor on the host must require."""
    hypervisors = admin.compute.hypervisors(details=True)
    node = next(each for each in hypervisors if (each.service_details or {}).get("host") == LIBVIRT_HOST)
    _add_trait(admin, f"/resource_providers/{node.id}/traits")
    aggregate = _aggregate(admin)
    admin.compute.set_aggregate_metadata(aggregate, {f"trait:{REAL_TRAIT}": "required"})
    if LIBVIRT_HOST not in (aggregate.hosts or []):
        admin.compute.add_host_to_aggregate(aggregate, LIBVIRT_HOST)


def _usable(admin: Connection) -> set[str]:
    """Hosts that are up, and mapped into their cell: only those are listed with their hypervisors."""
    nodes = admin.compute.hypervisors(details=True)
    return {node.service_details["host"] for node in nodes if node.state == "up" and node.service_details}


def _discover(lab: Lab) -> None:
    command = [lab.program("nova-manage"), "--config-file", lab.config("nova/nova.conf"), "cell_v2", "discover_hosts"]
    subprocess.run(command, env=lab.environment(), check=True, capture_output=True)


def _add_trait(admin: Connection, url: str) -> None:
    admin.placement.put(f"/traits/{REAL_TRAIT}", headers=PLACEMENT).raise_for_status()
    now = admin.placement.get(url, headers=PLACEMENT).json()
    if REAL_TRAIT not in now["traits"]:
        now["traits"].append(REAL_TRAIT)
        admin.placement.put(url, json=now, headers=PLACEMENT).raise_for_status()


def _aggregate(admin: Connection) -> Aggregate:
    found = next((each for each in admin.compute.aggregates() if each.name == AGGREGATE), None)
    return found or admin.compute.create_aggregate(name=AGGREGATE)
