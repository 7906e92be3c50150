"""Inside the home that `tests.bench` made: data set L, web, worker and scheduler, and every figure with its goal."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import django
import httpx

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from dashboard.accounts.models import User  # noqa: E402
from dashboard.audit.models import Entry  # noqa: E402
from dashboard.clouds.models import Cloud  # noqa: E402
from dashboard.instances.models import Instance  # noqa: E402
from dashboard.tenancy.models import Tenant  # noqa: E402
from tests import stack as stacks  # noqa: E402
from tests.services import free_port  # noqa: E402
from tests.stack import wait_until  # noqa: E402

from . import dataset, pages, race, relays, streams, viewers  # noqa: E402
from .figures import Figure, own_cpu_s, show  # noqa: E402
from .load import cpu_s, wait_for_web  # noqa: E402

PARTS = ("pages", "streams", "viewers", "relays", "race")
VIEWERS = 100


def prepare(home: Path) -> None:
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    dataset.make(home, dataset.Size())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    counted = [f"{model.objects.count():,} {word}" for model, word in COUNTED]
    print(f"Data set L in {time.monotonic() - began:.0f} s: {', '.join(counted)}.", flush=True)


COUNTED = ((Instance, "instances"), (Tenant, "tenants"), (User, "users"), (Entry, "audit entries"))


def browsers(address: str) -> list[httpx.Client]:
    """Of a hundred members of `lab`."""
    cookies = [cookie for cookie, _number in zip(streams.cookies(), range(VIEWERS), strict=False)]
    return [httpx.Client(base_url=address, timeout=60, headers={"Cookie": cookie}) for cookie in cookies]


def with_web(parts: Iterable[str], *, seconds: float, processes: int) -> list[Figure]:
    """Pages are asked for at all web processes in turn; everything else is measured at the first one."""
    home = Path(settings.HOME)
    prepare(home)
    ports = [settings.PORT, *(free_port() for _ in range(processes - 1))]
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    address = addresses[0]
    figures: list[Figure] = []
    watched = viewers.prepare(home) if "viewers" in parts else None
    began = timezone.now()

    def looked_through() -> bool:
        return not Cloud.objects.exclude(seen_at__gt=began, sync_lease_until=None).exists()

    with stacks.running(home / "lab") as stack:
        webs = [stack.spawn(["-m", "dashboard.serve"], SKYDECK_PORT=str(port)) for port in ports]
        web = webs[0]
        try:
            for one in addresses:
                wait_for_web(one)
            wait_until(looked_through, seconds=120, what="the first look at each cloud is through")
            measures: dict[str, Callable[[], list[Figure]]] = {
                "pages": lambda: pages.measure(addresses, seconds=seconds),
                "streams": lambda: streams.measure(address, pid=web.pid),
                "viewers": lambda: viewers.measure(browsers(address), watched) if watched else [],
                "relays": lambda: relayed(address, pid=web.pid),
                "race": lambda: race.measure(address),
            }
            for part, measure in measures.items():
                if part in parts:
                    figures += told(part, measure, pids=[one.pid for one in webs])
        finally:
            for one in webs:
                one.terminate()
            for one in webs:
                one.wait(timeout=30)
    return figures


def relayed(address: str, *, pid: int) -> list[Figure]:
    """Fifty graphical consoles at once, then one as fast as it goes."""
    found = relays.measure(address, web_pid=pid, folder=Path(settings.HOME))
    return [
        Figure(f"{found.relays} VNC relays at 1 Mbit/s, time added, p95", found.added_p95_ms, 20, "ms"),
        Figure("one raw relay", found.raw_mbit_s, 400, "Mbit/s", more_is_better=True),
    ]


def told(part: str, measure: Callable[[], list[Figure]], *, pids: list[int]) -> list[Figure]:
    """Measured, with what the load tool and the web processes took of the machine meanwhile."""
    began, own, web = time.monotonic(), own_cpu_s(), [cpu_s(pid) for pid in pids]
    figures = measure()
    took = time.monotonic() - began
    used = [own_cpu_s() - own, *(cpu_s(pid) - before for pid, before in zip(pids, web, strict=True))]
    tool, *shares = (f"{100 * one / took:.0f} %" for one in used)
    print(
        f"  {part}: {took:.0f} s; of one core the load tool used {tool}, each web process {', '.join(shares)}",
        flush=True,
    )
    for figure in figures:
        print(f"    {figure}", flush=True)
    return figures


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("--parts", default=",".join(PARTS))
    arguments.add_argument("--web", type=int, default=2, help="how many web processes, as behind a proxy")
    options = arguments.parse_args()
    figures = with_web(options.parts.split(","), seconds=options.seconds, processes=options.web)
    cores, load = os.cpu_count(), os.getloadavg()[0]
    title = (
        f"Data set L on {connection.vendor}, {options.web} web processes, {cores} cores, load {load:.1f} at the end:"
    )
    return show(title, figures)


if __name__ == "__main__":
    sys.exit(main())
