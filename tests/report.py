"""Stages: run one after the other, each with its time, within a time for all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUDGET_S = 82 * 60
"""Of all stages, on whatever machine: who waits for them, as CI does, gives up after 90 minutes."""
SQLITE = "tests on SQLite"
POSTGRESQL = "tests on PostgreSQL and Redis"
LIBVIRT = "tests with a real libvirt"
BROWSER = "tests in a browser"
OPENSTACK = "tests with a real OpenStack"
USUAL_S = {SQLITE: 570.0, POSTGRESQL: 800.0, LIBVIRT: 380.0, BROWSER: 700.0, OPENSTACK: 1250.0}
"""On two cores that add ten million numbers in Python in half a second. The first says how fast this machine is."""
MARGIN = 1.1
"""For what the first stage does not show."""


class Report:
    """Runs stages and remembers which failed."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.took: dict[str, float] = {}
        self.lines: list[str] = []
        self.failed = False

    def run(self, name: str, command: list[str], **environment: str) -> None:
        self.run_within(None, name, command, **environment)

    def run_within(self, limit_s: float | None, name: str, command: list[str], **environment: str) -> None:
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        code = exit_status(command, environment, limit_s=limit_s)
        self.took[name] = time.monotonic() - began
        self.failed |= code != 0
        word = "passed" if code == 0 else f"FAILED (exit status {code})"
        self.lines.append(f"{word:8} {self.took[name]:6.1f} s  {name}")

    def left_s(self) -> float:
        return BUDGET_S - (time.monotonic() - self.began)

    def lacks_time_for(self, *names: str) -> str:
        """Why not, where by the pace until now they would not end within the time for all; empty where they would."""
        pace = self.took.get(SQLITE, 0.0) / USUAL_S[SQLITE]
        needed = pace * MARGIN * sum(USUAL_S[name] for name in names)
        left = self.left_s()
        if needed <= left:
            return ""
        return f"this machine is slow: {needed / 60:.0f} minutes would be needed, and {left / 60:.0f} are left"

    def leave_out(self, name: str, reason: str) -> None:
        print(f"\n=== {name}\nLeft out: {reason}", flush=True)
        self.lines.append(f"LEFT OUT {name}: {reason}")

    def close(self) -> int:
        print("\n=== Summary\n" + "\n".join(self.lines), flush=True)
        return int(self.failed)


def exit_status(command: list[str], environment: dict[str, str], *, limit_s: float | None) -> int:
    """Run it; past its time interrupt it, so that it still says how far it came, and count that as a failure."""
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:
        try:
            return process.wait(None if limit_s is None else max(limit_s, 1))
        except subprocess.TimeoutExpired:
            print(f"Not done after {limit_s:.0f} s: interrupted.", flush=True)
            process.send_signal(signal.SIGINT)
            process.wait()
            return 1
