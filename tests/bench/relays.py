"""Consoles under load:  .venv/bin/python -m tests.bench.relays [--relays 50] [--seconds 5]

    peer (a process of its own) ── TCP ── web process ── WebSocket ── this process

The peer stands for the screen of every guest of a fake cloud. It sends what it is told to: frames of a fixed size at
a fixed rate, each with the time at which it left, or as much as the connection takes. Added latency is what a frame
takes through the web process, less what it takes from the peer to this process directly.

`measure` is for whoever has a web process and its rows already; called as a program, this makes both.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FRAME = 12_500
PACE_S = 0.1  # 12,500 bytes ten times a second are 1 Mbit/s
STAMP = 8
USER_CONSOLES = 10
TICK_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Relays:
    """What was measured, and what the measuring cost."""

    relays: int
    added_p50_ms: float
    added_p95_ms: float
    direct_p95_ms: float
    raw_mbit_s: float
    web_cpu_paced: float
    """Seconds of CPU of the web process per second while the paced relays run; 1.0 is one core."""
    web_cpu_raw: float
    own_cpu_s: float
    """Of this process and the peer together, over the whole run."""

    def lines(self) -> Iterator[tuple[str, float, float, str, bool]]:
        """`(name, value, goal, unit, is_missed)`."""
        name = f"{self.relays} VNC relays at 1 Mbit/s: time added, p95"
        yield name, self.added_p95_ms, 20, "ms", self.added_p95_ms > 20
        yield "one raw relay", self.raw_mbit_s, 400, "Mbit/s", self.raw_mbit_s < 400


# --- the peer ------------------------------------------------------------------------


def serve_peer() -> None:
    """Says its port on stdout and serves until stdin closes."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept_all, args=(listener,), daemon=True).start()
    sys.stdin.read()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(usage.ru_utime + usage.ru_stime, flush=True)


def accept_all(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=send_to, args=(connection,), daemon=True).start()


def send_to(connection: socket.socket) -> None:
    """By the first byte: `p` frames at the pace, `f` a flood."""
    try:
        word = connection.recv(1)
        if word == b"f":
            flood = bytes(256 * 1024)
            while True:
                connection.sendall(flood)
        rest, due = bytes(FRAME - STAMP), time.perf_counter()
        due += PACE_S * (id(connection) % 1000) / 1000  # not all at the same moment
        while word:
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.sendall(time.perf_counter_ns().to_bytes(STAMP, "big") + rest)
            due += PACE_S
    except OSError:
        return


@contextmanager
def peer() -> Iterator[tuple[int, list[float]]]:
    """Its port, and a list that holds its seconds of CPU afterwards."""
    command = [sys.executable, "-m", "tests.bench.relays", "--peer"]
    cpu: list[float] = []
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield int(process.stdout.readline()), cpu
        finally:
            process.stdin.close()
            cpu.append(float(process.stdout.readline()))


# --- the browsers ----------------------------------------------------------------------


class Frames:
    """Puts the stream together again and notes how long each frame was on its way, in ms."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.took_ms: list[float] = []

    def take(self, data: bytes) -> None:
        self.buffer += data
        while len(self.buffer) >= FRAME:
            left = int.from_bytes(self.buffer[:STAMP], "big")
            self.took_ms.append((time.perf_counter_ns() - left) / 1e6)
            del self.buffer[:FRAME]


async def direct(port: int, *, until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"p")
    frames = Frames()
    while time.monotonic() < until:
        frames.take(await reader.read(65536))
    writer.close()
    return frames.took_ms


async def relayed(handshake: dict[str, Any], *, until: float) -> list[float]:
    from websockets.asyncio.client import connect

    frames = Frames()
    async with connect(**handshake) as browser:
        await browser.send(b"p")
        while time.monotonic() < until:
            message = await browser.recv()
            if isinstance(message, bytes):
                frames.take(message)
    return frames.took_ms


async def flooded(handshake: dict[str, Any], *, seconds: float) -> float:
    """Mbit/s; the first half second is not counted."""
    from websockets.asyncio.client import connect

    async with connect(**handshake, max_size=None) as browser:
        await browser.send(b"f")
        warm = time.monotonic() + 0.5
        while time.monotonic() < warm:
            await browser.recv()
        began, count = time.monotonic(), 0
        while time.monotonic() < began + seconds:
            count += len(await browser.recv())
        took = time.monotonic() - began
        browser.transport.abort()
    return count * 8 / took / 1e6


async def all_of(jobs: list[Any]) -> list[float]:
    return [took for one in await asyncio.gather(*jobs) for took in one]


# --- rows ------------------------------------------------------------------------------


def guest_with_screen(port: int, *, folder: Path) -> Any:
    """An active instance on a fake cloud whose screens are the peer."""
    from dashboard.clouds.interface import LaunchSpec
    from dashboard.clouds.models import Cloud, CloudAccount
    from dashboard.instances.models import Instance
    from dashboard.tenancy.models import Tenant

    tenant = Tenant.objects.create(slug=f"relays-{os.getpid()}", name="Relays")
    settings = {"path": str(folder / "screens.sqlite3"), "delay_s": "0", "screens": f"127.0.0.1:{port}"}
    cloud = Cloud.objects.create(name=f"screens-{os.getpid()}", kind="fake", settings=settings)
    driver = cloud.driver()
    cloud.features = sorted(driver.features)
    cloud.save(update_fields=["features"])
    CloudAccount.objects.create(tenant=tenant, cloud=cloud)
    instance = Instance(tenant=tenant, cloud=cloud, name="relayed", vcpus=1, ram_mib=512, disk_gib=5, status="ACTIVE")
    spec = LaunchSpec(
        instance_id=str(instance.pk),
        tenant_id=str(tenant.pk),
        operation_id=str(instance.pk),
        name="relayed",
        image_id=driver.images.list()[0].id,
        vcpus=1,
        ram_mib=512,
        disk_gib=5,
    )
    instance.remote_id = driver.compute.create(spec).id
    instance.save()
    return instance


def handshakes(address: str, instance: Any, *, count: int) -> list[dict[str, Any]]:
    """What each of so many browsers opens its WebSocket with. Tickets are good for 30 s."""
    from dashboard.clouds.interface import ConsoleKind
    from dashboard.consoles.tickets import issue
    from dashboard.tenancy.access import find_actor
    from dashboard.tenancy.models import Membership, Role
    from tests.conftest import make_user
    from tests.web import cookie_of

    made = []
    for number in range(count):
        if number % USER_CONSOLES == 0:
            user = make_user(f"relay-{os.getpid()}-{time.monotonic_ns()}")
            Membership.objects.create(user=user, tenant=instance.tenant, role=Role.MEMBER)
            cookie, actor = cookie_of(user), find_actor(user, instance.tenant.slug)
            assert actor
        key = cookie.partition("=")[2]
        token = issue(actor, instance, kind=ConsoleKind.VNC, session_key=key, how="share")
        made.append(
            {
                "uri": f"{address.replace('http', 'ws')}/console/{instance.pk}",
                "origin": address,
                "subprotocols": [f"skydeck.ticket.{token}", "binary"],
                "additional_headers": {"Cookie": cookie},
                "compression": None,
                "proxy": None,
                "open_timeout": 30,
            }
        )
    return made


# --- the figures -------------------------------------------------------------------------


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK_S


def share(values: list[float], part: float) -> float:
    return sorted(values)[int(part * len(values))]


def measure(address: str, *, web_pid: int, folder: Path, relays: int = 50, seconds: float = 5) -> Relays:
    """Needs Django set up on the rows of the web process at `address`, one of its origins."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    with peer() as (port, peer_cpu):
        instance = guest_with_screen(port, folder=folder)
        until = time.monotonic() + seconds
        straight = asyncio.run(all_of([direct(port, until=until) for _ in range(relays)]))
        opened = handshakes(address, instance, count=relays)
        web, began = cpu_of(web_pid), time.monotonic()
        until = began + seconds + 2
        through = asyncio.run(all_of([relayed(one, until=until) for one in opened]))
        web_paced = (cpu_of(web_pid) - web) / (time.monotonic() - began)
        [one] = handshakes(address, instance, count=1)
        web, began = cpu_of(web_pid), time.monotonic()
        raw = asyncio.run(flooded(one, seconds=seconds))
        web_raw = (cpu_of(web_pid) - web) / (time.monotonic() - began)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert len(through) > relays * seconds / PACE_S / 2, "the relays carried less than half of what was sent"
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Relays(
        relays=relays,
        added_p50_ms=share(through, 0.5) - share(straight, 0.5),
        added_p95_ms=share(through, 0.95) - share(straight, 0.95),
        direct_p95_ms=share(straight, 0.95),
        raw_mbit_s=raw,
        web_cpu_paced=web_paced,
        web_cpu_raw=web_raw,
        own_cpu_s=own + sum(peer_cpu),
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--relays", type=int, default=50)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.peer:
        serve_peer()
        return 0
    with tempfile.TemporaryDirectory(prefix="sky-relays-") as home:
        return alone(Path(home), relays=options.relays, seconds=options.seconds)


def alone(home: Path, *, relays: int, seconds: float) -> int:
    from tests.services import free_port

    environment = {"SKYDECK_HOME": str(home), "SKYDECK_PORT": str(free_port()), "SKYDECK_LOG_LEVEL": "WARNING"}
    os.environ |= environment | {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "SKYDECK_NO_BOOTSTRAP": "1"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    (home / "static").mkdir()
    web = subprocess.Popen([sys.executable, "-m", "dashboard.serve"], cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{os.environ['SKYDECK_PORT']}"
        wait_for(address)
        found = measure(address, web_pid=web.pid, folder=home, relays=relays, seconds=seconds)
    finally:
        web.terminate()
        web.wait(timeout=20)
    for name, value, goal, unit, is_missed in found.lines():
        print(f"{'MISSED' if is_missed else 'ok':7} {name:50} {value:8.1f} {unit:6} (goal {goal:g})")
    print(found)
    return int(any(is_missed for *_rest, is_missed in found.lines()))


def wait_for(address: str) -> None:
    import httpx

    from tests.web import wait_until

    def answers() -> bool:
        try:
            return httpx.get(address + "/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    wait_until(answers, within_s=60)


if __name__ == "__main__":
    sys.exit(main())
