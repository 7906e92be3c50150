"""Two hundred launches at once, by four processes of fifty threads each."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

PROCESSES = 4
ROOT = Path(__file__).resolve().parents[2]


class Race:
    """Processes that are ready, and wait for `go`."""

    def __init__(self, user_id: object) -> None:
        database = str(connection.settings_dict["NAME"])
        command = [sys.executable, "-m", "tests.quotas.racing"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
        self.runners = [
            subprocess.Popen([*command, str(number), database, str(user_id)], **pipes) for number in range(PROCESSES)
        ]

    def wait_until_ready(self) -> None:
        for runner in self.runners:
            while (line := runner.stdout.readline()) != "ready\n":
                assert line, "a process ended before it began"

    def go(self) -> None:
        for runner in self.runners:
            runner.stdin.write("\n")
            runner.stdin.flush()

    def is_over(self) -> bool:
        return all(runner.poll() is not None for runner in self.runners)

    def answers(self) -> Counter[str]:
        """How many were answered what."""
        told = [runner.communicate(timeout=120)[0] for runner in self.runners]
        return Counter(line[2:] for text in told for line in text.splitlines() if line.startswith("= "))

    def end(self) -> None:
        for runner in self.runners:
            runner.kill()
            runner.wait()
            runner.stdin.close()
            runner.stdout.close()


@contextmanager
def ready(user_id: object) -> Iterator[Race]:
    race = Race(user_id)
    try:
        race.wait_until_ready()
        yield race
    finally:
        race.end()
