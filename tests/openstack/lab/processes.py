"""The lab's own processes: started into the background, found again by pid and start time, ended by those."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.setup import processes
from dashboard.setup.processes import Process

from .place import Lab, LabFailed

GRACE_S = 40
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 1024**2


@dataclass(frozen=True, slots=True)
class Daemon:
    """What to start in the background. `answers` says whether it does its work yet."""

    name: str
    command: list[str]
    answers: Callable[[], bool] | None = None
    environment: dict[str, str] = field(default_factory=dict)


def start(lab: Lab, daemon: Daemon) -> None:
    """Start it unless it runs."""
    if find(lab, daemon.name):
        return
    with _log(lab, daemon.name).open("ab") as log:
        process = subprocess.Popen(
            daemon.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=lab.environment(**daemon.environment),
            cwd=lab.folder("data"),
            start_new_session=True,
        )
    # without a process there is nothing to remember: `wait_for` then says what its log says
    if started := processes.identify(process.pid, name=daemon.name):
        processes.write_record(_record(lab, daemon.name), processes=[started])
    process.returncode = 0  # it outlives us, which Popen would warn of


def wait_for(lab: Lab, daemons: Iterable[Daemon], *, limit_s: float = 240) -> None:
    """Until all of them answer. Raises LabFailed, with the end of the log, where one ends or takes too long."""
    end = time.monotonic() + limit_s
    for daemon in daemons:
        while not (daemon.answers is None or daemon.answers()):
            if find(lab, daemon.name) is None:
                raise LabFailed(f"{daemon.name} ended. {_last_words(lab, daemon.name)}")
            if time.monotonic() > end:
                raise LabFailed(f"{daemon.name} does not answer. {_last_words(lab, daemon.name)}")
            time.sleep(0.3)


def find(lab: Lab, name: str) -> Process | None:
    """The process that was started under this name, if that very one lives. It may have given itself another title."""
    for recorded in processes.read_record(_record(lab, name)):
        current = processes.identify(recorded.pid, name=name)
        if current and current.started == recorded.started:
            return current
    return None


def running(lab: Lab) -> list[Process]:
    names = sorted(path.stem for path in lab.folder("run").glob("*.json"))
    return [process for name in names if (process := find(lab, name))]


def end(lab: Lab, ending: Iterable[Process]) -> None:
    """End these and whoever is in their groups."""
    chosen = list(ending)
    processes.end(chosen, grace_s=GRACE_S)
    for process in chosen:
        _record(lab, process.name).unlink(missing_ok=True)


def memory_mib(process: Process) -> float:
    """Resident memory of it and of all in its session. Shared pages count in each."""
    total = 0
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split() if folder.name.isdigit() else []
        except OSError:
            continue  # it ended meanwhile
        if fields and int(fields[3]) == process.pid:
            total += int(fields[21])
    return total * PAGE_MIB


def _record(lab: Lab, name: str) -> Path:
    return lab.folder("run") / f"{name}.json"


def _log(lab: Lab, name: str) -> Path:
    return lab.folder("log") / f"{name}.log"


def _last_words(lab: Lab, name: str) -> str:
    lines = _log(lab, name).read_text(errors="replace").splitlines()[-20:]
    return "\n".join([f"The end of {_log(lab, name)}:", *lines])
