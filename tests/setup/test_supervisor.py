"""The supervisor with tiny parts: real processes, real signals."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.setup import processes, supervisor
from dashboard.setup.environment import ROOT
from dashboard.setup.plan import Part, Plan

PATIENCE_S = 10
NOWHERE = "http://127.0.0.1:9/healthz"  # port 9 is "discard": nobody listens there


class Running:
    """A supervisor, what it said, and what it started."""

    def __init__(self, folder: Path, parts: list[Part], *, health_url: str = NOWHERE) -> None:
        self.log, self.record = folder / "log/skydeck.log", folder / "started.json"
        plan = Plan(parts=parts, log=self.log, record=self.record, health_url=health_url, welcome="Welcome!")
        plan.write(folder / "plan.json")
        command = [sys.executable, "-m", "dashboard.setup.supervisor", str(folder / "plan.json")]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def says(self, text: str) -> None:
        wait_until(lambda: text in self.said(), what=lambda: f"{text!r} in:\n{self.said()}")

    def part(self, name: str) -> processes.Process:
        wait_until(lambda: self._find(name), what=lambda: f"{name} started")
        found = self._find(name)
        assert found is not None
        return found

    def _find(self, name: str) -> processes.Process | None:
        return next((process for process in processes.read_record(self.record) if process.name == name), None)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_S + supervisor.GRACE_S)


def wait_until(condition: Callable[[], object], *, what: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what()}"
        time.sleep(0.02)


@pytest.fixture
def run(tmp_path) -> Iterator[Callable[..., Running]]:
    """Start a supervisor of shell scripts, given as `name="script"`."""
    started: list[Running] = []

    def start(health_url: str = NOWHERE, **scripts: str) -> Running:
        parts = [Part(name=name, command=["sh", "-c", script]) for name, script in scripts.items()]
        started.append(Running(tmp_path, parts, health_url=health_url))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


def test_it_joins_what_the_parts_say_each_line_after_a_name(run):
    running = run(web="printf 'one\\ntw'; sleep 0.2; echo o; sleep 60", worker="echo three >&2; sleep 60")
    for line in ("web       | one", "web       | two", "worker    | three"):
        running.says(line)


def test_what_it_starts_keeps_few_arenas_of_memory(run):
    run(worker="echo arenas $MALLOC_ARENA_MAX; sleep 60").says("worker    | arenas 2")


def test_it_starts_again_what_dies_and_waits_longer_each_time(run):
    running = run(worker="exit 3")
    running.says("worker ended with status 3; starting it again in 1 s")
    running.says("worker ended with status 3 (2 times in a row); starting it again in 2 s")


def test_it_starts_again_what_is_killed(run):
    running = run(worker="exec sleep 60")
    first = running.part("worker")
    os.kill(first.pid, signal.SIGKILL)
    running.says("worker was ended by SIGKILL; starting it again in 1 s")
    wait_until(lambda: running.part("worker").pid != first.pid, what=lambda: "another worker")


def test_the_pause_grows_to_a_minute():
    assert [supervisor.pause_before_restart(n) for n in (1, 2, 3, 6, 7, 100)] == [1, 2, 4, 32, 60, 60]


def test_a_part_that_cannot_be_started_does_not_stop_the_others(run, tmp_path):
    parts = [Part(name="web", command=["/nonexistent"]), Part(name="worker", command=["sh", "-c", "echo on; sleep 60"])]
    running = Running(tmp_path, parts)
    running.says("web could not be started")
    running.says("worker    | on")
    running.end(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_what_it_started_and_says_so(run, number):
    running = run(web="exec sleep 60", worker="exec sleep 60")
    parts = [running.part("web"), running.part("worker")]
    assert running.end(number) == 0
    assert not any(part.is_alive() for part in parts)
    assert running.said().endswith("Ended.\n")


def test_what_others_need_ends_last(tmp_path):
    script = "trap 'sleep 0.3; echo {0} ends; exit' TERM; echo on; while :; do sleep 0.05; done"
    needed = Part(name="libvirtd", command=["sh", "-c", script.format("libvirtd")], ends_last=True)
    needs = Part(name="worker", command=["sh", "-c", script.format("worker")])
    running = Running(tmp_path, [needed, needs])
    running.says("worker    | on")
    running.says("libvirtd  | on")
    running.end(signal.SIGTERM)
    assert running.said().index("worker ends") < running.said().index("libvirtd ends")


def test_what_does_not_end_is_killed_at_the_second_signal(run):
    running = run(worker="trap '' TERM; echo on; while :; do sleep 0.05; done")
    running.says("worker    | on")
    running.process.send_signal(signal.SIGINT)
    running.says("Ending.")
    assert running.end(signal.SIGINT) == 0
    assert "worker did not end by itself; killed" in running.said()


def test_a_processs_own_children_end_with_it(run):
    running = run(worker="sleep 61 & echo $! ; wait")
    running.says("worker    | ")
    child = int(running.said().rpartition("| ")[2])
    running.end(signal.SIGTERM)
    assert processes.identify(child, name="child") is None


def test_the_parts_die_with_a_supervisor_that_is_killed(run):
    running = run(web="exec sleep 60", worker="exec sleep 60")
    parts = [running.part("web"), running.part("worker")]
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not any(part.is_alive() for part in parts), what=lambda: "parts dead")


def test_what_a_part_detached_lives_on(run, tmp_path):
    """As libvirtd detaches guests: in a session of their own."""
    running = run(libvirtd=f"setsid sh -c 'echo $$ > {tmp_path}/guest; exec sleep 62' & echo on; wait")
    running.says("libvirtd  | on")
    wait_until(lambda: (tmp_path / "guest").exists() and (tmp_path / "guest").read_text(), what=lambda: "a guest")
    guest = processes.identify(int((tmp_path / "guest").read_text()), name="guest")
    running.end(signal.SIGTERM)
    assert guest is not None
    assert guest.is_alive()
    os.kill(guest.pid, signal.SIGKILL)


class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Not into the tests' output."""


def test_it_says_the_address_once_web_answers(run):
    with http.server.HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running = run(f"http://127.0.0.1:{server.server_port}/healthz", web="exec sleep 60")
        running.says("Welcome!")
        server.shutdown()


def test_it_says_no_address_while_web_does_not_answer(run):
    running = run(web="echo on; exec sleep 60")
    running.says("web       | on")
    time.sleep(0.5)
    assert "Welcome!" not in running.said()
