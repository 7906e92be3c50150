"""Driving the web process as browsers do, at a fixed rate whatever it answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.stack import wait_until

from .dataset import PASSWORD


def wait_for_web(address: str) -> None:
    def answers() -> bool:
        try:
            return httpx.get(address + "/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    wait_until(answers, seconds=60, what="the web process answers")


def token_in(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def signed_in(address: str, name: str = "bob") -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=60, headers={"Referer": address + "/", "Origin": address})
    token = token_in(client.get("/accounts/login/").text)
    form = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
    answer = client.post("/accounts/login/", data=form)
    assert answer.status_code == 302, answer.text[:500]
    return client


def timed(call: Callable[[], httpx.Response], *, status: int = 200) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    answer = call()
    assert answer.status_code == status, (answer.status_code, answer.text[:300])
    return (time.perf_counter() - began) * 1000


def at_rate(call: Callable[[int], float], *, per_second: float, seconds: float) -> list[float]:
    """What each call returns. They start at fixed times, whether the ones before have ended or not."""
    with ThreadPoolExecutor(max_workers=40) as threads:
        began, answers = time.perf_counter(), []
        for number in range(int(per_second * seconds)):
            time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            answers.append(threads.submit(call, number))
        return [answer.result() for answer in answers]


def cpu_s(pid: int) -> float:
    """Of one process, since it began."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def resident_kib(pid: int) -> int:
    """Memory as the kernel shares it out between processes (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise AssertionError(f"no PSS of {pid}")
