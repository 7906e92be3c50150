"""Inside the home that `tests.bench` made: the scene, the load, the figures."""

from __future__ import annotations

import re
import resource
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import django
import httpx

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from dashboard.instances.models import Flavor, Instance  # noqa: E402
from dashboard.operations.models import Operation  # noqa: E402
from tests import stack as stacks  # noqa: E402
from tests.conftest import PASSWORD  # noqa: E402
from tests.kill_run import scene  # noqa: E402

ROWS = 1000


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    limit: float
    unit: str

    @property
    def is_missed(self) -> bool:
        return self.value > self.limit

    def __str__(self) -> str:
        word = "MISSED" if self.is_missed else "ok"
        return f"{word:7} {self.name:64} {self.value:8.1f} {self.unit:3} (limit {self.limit:g})"


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]


def signed_in(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=30, headers={"Referer": address + "/", "Origin": address})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/accounts/login/").text)
    assert token
    answer = client.post(
        "/accounts/login/", data={"login": "bob", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    )
    assert answer.status_code == 302, answer.text[:500]
    return client


def timed(call: Callable[[], httpx.Response], *, status: int) -> float:
    began = time.perf_counter()
    answer = call()
    assert answer.status_code == status, (answer.status_code, answer.text[:300])
    return (time.perf_counter() - began) * 1000


def at_rate(call: Callable[[int], float], *, per_second: float, seconds: int) -> list[float]:
    """Start `call` at fixed times, whether the ones before have ended or not."""
    with ThreadPoolExecutor(max_workers=40) as threads:
        began, answers = time.perf_counter(), []
        for number in range(int(per_second * seconds)):
            time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            answers.append(threads.submit(call, number))
        return [answer.result() for answer in answers]


def launch_to_row(client: httpx.Client) -> Callable[[int], float]:
    """The form, posted, and the list that shows the row."""
    page = client.get("/t/lab/instances/launch/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    instance = Instance.objects.select_related("cloud", "image").first()
    assert token
    assert instance
    fields = {
        "csrfmiddlewaretoken": token[1],
        "cloud": str(instance.cloud_id),
        "image": str(instance.image_id),
        "flavor": str(Flavor.objects.get().pk),
    }

    def launch(number: int) -> float:
        form = fields | {"name": f"bench-{number}", "key": uuid.uuid4().hex}
        took = timed(lambda: client.post("/t/lab/instances/launch/", data=form), status=303)
        began = time.perf_counter()
        page = client.get("/t/lab/instances/")
        assert f"bench-{number}" in page.text
        return took + (time.perf_counter() - began) * 1000

    return launch


def rows(count: int) -> None:
    instance = Instance.objects.first()
    assert instance
    Instance.objects.bulk_create(
        Instance(
            tenant_id=instance.tenant_id,
            cloud_id=instance.cloud_id,
            image_id=instance.image_id,
            flavor_id=instance.flavor_id,
            name=f"row-{number}",
            vcpus=1,
            ram_mib=512,
            disk_gib=5,
            status="ACTIVE",
            addresses=["10.0.0.7"],
        )
        for number in range(count)
    )


def resident_mib(pids: list[int]) -> float:
    """Memory as the kernel shares it out between processes (PSS), children included."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def main(seconds: int) -> int:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    _actor, ask = scene(Path(settings.HOME), slow=False)
    address = f"http://127.0.0.1:{settings.PORT}"
    figures = []
    with stacks.running(Path(settings.HOME) / "lab") as stack:
        web = stack.spawn(["-m", "dashboard.serve"])
        try:
            wait_for_web(address)
            ask(1, __import__("random").Random(1))
            stacks.wait_until(lambda: not Operation.objects.open().exists(), seconds=30, what="the first launch")
            time.sleep(5)
            assert stack.worker
            idle = resident_mib([web.pid, stack.worker, stack.scheduler.pid])
            figures.append(Figure("idle memory of web, worker and scheduler", idle, 350, "MiB"))
            client = signed_in(address)
            launched = at_rate(launch_to_row(client), per_second=10, seconds=seconds)
            figures.append(Figure("launch form posted to row on the list, 10/s, p95", p95(launched), 300, "ms"))
            stacks.wait_until(lambda: not Operation.objects.open().exists(), seconds=300, what="the launches end")
            waits = [
                (operation.started_at - operation.created_at).total_seconds() * 1000
                for operation in Operation.objects.filter(target_name__startswith="bench-", started_at__isnull=False)
            ]
            figures.append(Figure("from commit to the worker's first step, p95", p95(waits), 500, "ms"))
            rows(ROWS)
            for _ in range(5):
                client.get("/t/lab/instances/")
            lists = [timed(lambda: client.get("/t/lab/instances/"), status=200) for _ in range(100)]
            health = [timed(lambda: client.get("/healthz"), status=200) for _ in range(100)]
            figures.append(Figure(f"instance list, 50 of {ROWS} rows, p95", p95(lists), 150, "ms"))
            print(f"        (the list costs {p95(lists) / p95(health):.1f} times /healthz at p95)")
        finally:
            web.terminate()
            web.wait(timeout=20)
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(f"        (the driver itself used {own.ru_utime + own.ru_stime:.0f} s of CPU; {connection.vendor})")
    for figure in figures:
        print(figure)
    return int(any(figure.is_missed for figure in figures))


def wait_for_web(address: str) -> None:
    def answers() -> bool:
        try:
            return httpx.get(address + "/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    stacks.wait_until(answers, seconds=30, what="the web process answers")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
