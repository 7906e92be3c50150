"""A full sync of 10,000 instances, in a process of its own: seconds, and the most memory that it held.

python -m tests.bench.syncing [prepare], in a home and a database of its own.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import django

from .figures import Figure, show

INSTANCES = 10_000


def prepare(home: Path) -> None:
    from django.core.management import call_command

    from .dataset import Size, make

    call_command("migrate", verbosity=0)
    make(home, Size(instances=INSTANCES, tenants=20, users=40, audit_entries=0, clouds=1))


def change_everything(path: str) -> None:
    """Each instance has another status and another name than our rows say, and no two change alike."""
    turned = "CASE status WHEN 'SHUTOFF' THEN 'ACTIVE' ELSE 'SHUTOFF' END"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE instances SET status = {turned}, name = name || '-renamed'")


def measure() -> dict[str, float]:
    from dashboard.clouds.models import Cloud
    from dashboard.instances import inventory
    from dashboard.instances.models import Instance

    cloud = Cloud.objects.get()
    taken = {}
    change_everything(cloud.settings["path"])
    for name in ("every", "none"):
        began = time.monotonic()
        assert inventory.sync_cloud(cloud.pk)
        taken[name] = time.monotonic() - began
    assert Instance.objects.present().filter(status="SHUTOFF").count() > INSTANCES / 2
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {**taken, "peak_mib": peak_kib / 1024}


def figures(taken: dict[str, float]) -> list[Figure]:
    return [
        Figure("full sync of 10,000 instances, every one of them changed", taken["every"], 15, "s"),
        Figure("full sync of 10,000 instances, none changed", taken["none"], 15, "s"),
        Figure("the most memory of the process that synced", taken["peak_mib"], 200, "MiB"),
    ]


def main() -> int:
    django.setup()
    from django.conf import settings
    from django.db import connection

    if "prepare" in sys.argv:
        prepare(Path(settings.HOME))
        return 0
    return show(f"Full sync, on {connection.vendor}:", figures(measure()))


if __name__ == "__main__":
    sys.exit(main())
