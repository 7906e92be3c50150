"""Telling our own processes from others that got the same number since, and ending exactly those."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `started` is in clock ticks since boot; with the pid it names it for good."""

    name: str
    pid: int
    started: int
    command: str

    def is_alive(self) -> bool:
        return identify(self.pid, name=self.name) == self


def identify(pid: int, *, name: str) -> Process | None:
    """The process that has this number now; None when there is none, or only a zombie of it."""
    try:
        # after the program's name, which is in brackets and may hold anything: state, then 18 fields, then start time
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        command = _command(pid)
    except OSError:
        return None
    return None if fields[0] in "ZX" else Process(name, pid, int(fields[19]), command)


def _command(pid: int) -> str:
    """How it was called. A process that is just being started has no words yet: give it a moment. Raises OSError."""
    for _ in range(50):
        if words := Path(f"/proc/{pid}/cmdline").read_bytes():
            return words.replace(b"\0", b" ").decode(errors="replace").strip()
        time.sleep(0.002)
    return ""


def write_record(path: Path, *, processes: Iterable[Process]) -> None:
    """Remember what was started, for whoever comes after a crash."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps([asdict(process) for process in processes]))
    unfinished.replace(path)


def read_record(path: Path) -> list[Process]:
    try:
        return [Process(**entry) for entry in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError):
        return []


def end(processes: Iterable[Process], *, grace_s: float) -> None:
    """Ask each to end, and kill its group where it does not within the time."""
    remaining = [process for process in processes if process.is_alive()]
    for process in remaining:
        send(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while remaining and time.monotonic() < deadline:
        time.sleep(0.05)
        remaining = [process for process in remaining if process.is_alive()]
    for process in remaining:
        send(process.pid, signal.SIGKILL)


def send(pid: int, number: signal.Signals) -> None:
    """Signal the process group that a process of ours leads."""
    with suppress(ProcessLookupError):
        os.killpg(pid, number)
