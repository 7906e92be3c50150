"""The figures:  python3 manage.py bench [--database both|sqlite|postgresql] [--seconds 20] [--parts pages,streams,...]

Makes data set L on fake clouds (20,000 instances, 1,000 tenants, 5,000 users, 200,000 audit entries) in a home and
a database of its own, starts web, worker and scheduler, drives them on loopback, and prints each figure beside its
goal. Status 1 when one is missed. The load tool shares the machine's cores: what it used itself is printed too.

The first run of an installation (launches, memory) is `--small`; the comparison with a real OpenStack `--openstack`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parents[2]
PARTS = "pages,streams,viewers,relays,race,sync"


def main(words: Sequence[str] | None = None) -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--database", choices=["both", "sqlite", "postgresql"], default="both")
    arguments.add_argument("--seconds", type=int, default=20)
    arguments.add_argument("--parts", default=PARTS, help=f"some of {PARTS}")
    arguments.add_argument("--web", type=int, default=2, help="how many web processes serve the pages")
    arguments.add_argument("--small", action="store_true", help="one tenant and 1,000 instances; see run.py")
    arguments.add_argument("--openstack", action="store_true", help="on the lab; see openstack.py")
    peer = ("URL", "PID_FILE", "USER", "PASSWORD")
    arguments.add_argument("--peer", nargs=4, metavar=peer, default=[], help="a Horizon on the same lab")
    options = arguments.parse_args(words)
    databases = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    return max(one_run(run, database=database) for database in databases for run in runs(options))


def runs(options: argparse.Namespace) -> list[list[list[str]]]:
    """Each a list of commands that share a home and a database."""
    if options.openstack:
        return [[["tests.bench.openstack", *options.peer]]]
    if options.small:
        return [[["tests.bench.run", str(options.seconds)]]]
    parts = options.parts.split(",")
    large = [part for part in parts if part != "sync"]
    found = []
    if large:
        found.append(
            [
                [
                    "tests.bench.large",
                    f"--seconds={options.seconds}",
                    f"--parts={','.join(large)}",
                    f"--web={options.web}",
                ]
            ]
        )
    if "sync" in parts:
        found.append([["tests.bench.syncing", "prepare"], ["tests.bench.syncing"]])
    return found


def one_run(commands: list[list[str]], *, database: str) -> int:
    with tempfile.TemporaryDirectory(prefix="sky-bench-") as home:
        base = {**os.environ, "SKYDECK_HOME": home, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        base |= {"SKYDECK_PORT": str(services.free_port()), "SKYDECK_LOG_LEVEL": "WARNING"}
        base |= {"SKYDECK_LAUNCHES_PER_MINUTE": "0"}  # one person is the load of many here
        if database == "sqlite":
            return in_turn(commands, base)
        with services.both() as urls:
            return in_turn(commands, {**base, **urls})


def in_turn(commands: list[list[str]], environment: dict[str, str]) -> int:
    """The status of the first that fails; what comes after it is left out."""
    for command in commands:
        if status := subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, check=False
        ).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
