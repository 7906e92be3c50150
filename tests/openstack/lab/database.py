"""Bringing the services' databases to their newest shape: once, and again after other versions were installed."""

from __future__ import annotations

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dashboard.setup.terminal import say

from .place import REGION, Lab, LabFailed

AT_ONCE = 3  # of these Python programs two cores can use
EXISTS_ALREADY = 2  # what nova-manage says of a cell


def bring_up(lab: Lab, chains: dict[str, list[list[str]]], *, wanted: str) -> None:
    """Run the commands of each database, unless those that are `wanted` now ran before. Raises LabFailed."""
    left = {name: chain for name, chain in chains.items() if not _is_current(lab, name, wanted=wanted)}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for done in [threads.submit(_run, lab, name, chain, wanted=wanted) for name, chain in left.items()]:
            done.result()


def _run(lab: Lab, name: str, chain: list[list[str]], *, wanted: str) -> None:
    began = time.monotonic()
    log_path = lab.folder("log") / f"database-{name}.log"
    for command in chain:
        with log_path.open("ab") as log:
            code = subprocess.run(command, env=lab.environment(), stdout=log, stderr=log, check=False).returncode
        if code and not (code == EXISTS_ALREADY and "create_cell" in command):
            raise LabFailed(f"`{' '.join(command)}` ended with {code}; see {log_path}")
    _stamp(lab, name).write_text(wanted)
    say(f"  database of {name}: {time.monotonic() - began:.0f} s")


def _is_current(lab: Lab, name: str, *, wanted: str) -> bool:
    return _stamp(lab, name).exists() and _stamp(lab, name).read_text() == wanted


def _stamp(lab: Lab, name: str) -> Path:
    return lab.folder("data") / f"database-{name}.stamp"


def chains_of(lab: Lab) -> dict[str, list[list[str]]]:
    """Commands of each service, in their order. The longest chains first."""
    nova = [lab.program("nova-manage"), "--config-file", lab.config("nova/nova.conf")]
    glance = [lab.program("glance-manage"), "--config-file", lab.config("glance/glance-api.conf")]
    placement = [lab.program("placement-manage"), "--config-file", lab.config("placement/placement.conf")]
    neutron = [lab.program("neutron-db-manage"), "--config-file", lab.config("neutron/neutron.conf")]
    cinder = [lab.program("cinder-manage"), "--config-file", lab.config("cinder/cinder.conf")]
    return {
        "nova": [
            [*nova, "api_db", "sync"],
            [*nova, "cell_v2", "map_cell0", "--database_connection", lab.database("nova_cell0")],
            [*nova, "db", "sync"],
            [*nova, "cell_v2", "create_cell", "--name", "cell1"],
        ],
        "keystone": _keystone(lab),
        "neutron": [[*neutron, "upgrade", "heads"]],
        "glance": [[*glance, "db_sync"], [*glance, "db_load_metadefs", lab.config("glance/metadefs")]],
        "cinder": [[*cinder, "db", "sync"]],
        "placement": [[*placement, "db", "sync"]],
    }


def _keystone(lab: Lab) -> list[list[str]]:
    keystone = [lab.program("keystone-manage"), "--config-file", lab.config("keystone/keystone.conf")]
    owner = ["--keystone-user", "root", "--keystone-group", "root"]
    urls = [word for kind in ("admin", "internal", "public") for word in (f"--bootstrap-{kind}-url", lab.auth_url)]
    password = ["--bootstrap-password", lab.secrets["admin"]]
    return [
        [*keystone, "fernet_setup", *owner],
        [*keystone, "credential_setup", *owner],
        [*keystone, "db_sync"],
        [*keystone, "bootstrap", *password, *urls, "--bootstrap-region-id", REGION],
    ]
