"""The figures:  .venv/bin/python -m tests.bench [--database postgresql] [--seconds 20] [--openstack [--peer ...]]

Starts web, worker and scheduler on a fake cloud with 1,000 instances in a home of its own, drives them on
loopback at a fixed rate, prints each figure beside its limit, and ends with status 1 when one is missed. The driver
shares the machine's cores: its own share of the CPU is printed too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments.add_argument("--seconds", type=int, default=20)
    arguments.add_argument("--openstack", action="store_true", help="on the lab; see openstack.py")
    peer = ("URL", "PID_FILE", "USER", "PASSWORD")
    arguments.add_argument("--peer", nargs=4, metavar=peer, default=[], help="a Horizon on the same lab")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="sky-bench-") as home:
        base = {**os.environ, "SKYDECK_HOME": home, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        base |= {"SKYDECK_PORT": str(services.free_port()), "SKYDECK_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "tests.bench.run", str(options.seconds)]
        if options.openstack:
            command = [sys.executable, "-m", "tests.bench.openstack", *options.peer]
        if options.database == "sqlite":
            return subprocess.run(command, cwd=ROOT, env=base, check=False).returncode
        with services.both() as urls:
            return subprocess.run(command, cwd=ROOT, env={**base, **urls}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
