"""Runs the parts of Skydeck: starts them, starts again what dies, ends exactly what it started.

    python -m dashboard.setup.supervisor PLAN.json

Standard library only and a single thread: it lives as long as Skydeck does, so it
stays small, and forking from it is safe. It sleeps until a part writes, a part dies,
a signal comes or a restart is due.

A part dies with the supervisor, even when that is killed with -9; guests do not,
since libvirtd detaches them.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO

from . import processes
from .health import answers
from .log_stream import LineBuffer, LogStream
from .plan import Part, Plan

GRACE_S = 10.0
LIVED_WELL_S = 10.0
LONGEST_PAUSE_S = 60.0
PR_SET_PDEATHSIG = 1
FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""Else each of a worker's threads keeps the memory of the largest answer that it ever read."""
_libc = ctypes.CDLL(None, use_errno=True)


def pause_before_restart(failures: int) -> float:
    """Seconds to wait after so many deaths in a row, each soon after its start: 1, 2, 4 ... 60."""
    return min(LONGEST_PAUSE_S, 2.0 ** (failures - 1))


class Runner:
    """One part and its process, over all its restarts."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.failures = 0
        self.due_at: float | None = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None

    def start(self) -> IO[bytes]:
        """Start it in a process group of its own; returns what it writes."""
        self.process = subprocess.Popen(
            self.part.command,
            env=self.part.environment or {**FEW_ARENAS, **os.environ},
            cwd=self.part.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=_die_with(os.getpid()),
            **self.part.account_arguments(),
        )
        self.started_at, self.due_at = time.monotonic(), None
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.stdout

    def ended(self) -> int | None:
        """The exit status, once, when it has just died."""
        status = self.process.poll() if self.process else None
        if status is not None:
            self.process = None
        return status

    def plan_restart(self) -> float:
        """When to start it again: later each time it died at once. Returns the pause."""
        lived_well = time.monotonic() - self.started_at > LIVED_WELL_S
        self.failures = 1 if lived_well else self.failures + 1
        pause = pause_before_restart(self.failures)
        self.due_at = time.monotonic() + pause
        return pause

    def send(self, number: signal.Signals) -> None:
        if self.process is not None:
            processes.send(self.process.pid, number)


class Supervisor:
    def __init__(self, plan: Plan, *, log: LogStream) -> None:
        self.plan = plan
        self.log = log
        self.runners = [Runner(part) for part in plan.parts]
        self.selector = selectors.DefaultSelector()
        self.signals: list[int] = []
        self.is_welcome_said = False

    def run(self) -> None:
        """Until SIGINT, SIGTERM or SIGHUP."""
        self._listen_for_signals()
        while not self._is_told_to_end():
            self._start_what_is_due()
            self._wait(self._seconds_to_wait())
            self._notice_deaths()
            self._welcome()
        self._end_all()

    # --- starting -------------------------------------------------------------

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for runner in self.runners:
            if runner.due_at is not None and runner.due_at <= now:
                self._start(runner)

    def _start(self, runner: Runner) -> None:
        try:
            output = runner.start()
        except (OSError, subprocess.SubprocessError) as error:
            self._say(f"{runner.part.name} could not be started: {error}; next try in {runner.plan_restart():.0f} s")
            return
        self.selector.register(output, selectors.EVENT_READ, LineBuffer(runner.part.name, log=self.log))
        self._record()

    def _record(self) -> None:
        pids = {"supervisor": os.getpid()}
        pids |= {runner.part.name: runner.process.pid for runner in self.runners if runner.process}
        found = [processes.identify(pid, name=name) for name, pid in pids.items()]
        processes.write_record(self.plan.record, processes=[process for process in found if process])

    def _notice_deaths(self) -> None:
        for runner in self.runners:
            if (status := runner.ended()) is not None:
                pause = runner.plan_restart()
                again = f" ({runner.failures} times in a row)" if runner.failures > 1 else ""
                self._say(f"{runner.part.name} {_how(status)}{again}; starting it again in {pause:.0f} s")

    def _welcome(self) -> None:
        """Print the address once web answers there."""
        if not self.is_welcome_said and answers(self.plan.health_url):
            self.is_welcome_said = True
            self._say(self.plan.welcome)

    # --- waiting ----------------------------------------------------------------

    def _listen_for_signals(self) -> None:
        """Signals wake the selector: a byte on a socket pair for each."""
        awake, wake = socket.socketpair()
        awake.setblocking(False)
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._wake = wake  # closed when collected
        self.selector.register(awake, selectors.EVENT_READ, None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.signals.append(number)

    def _is_told_to_end(self) -> bool:
        return bool(self.signals)

    def _seconds_to_wait(self) -> float | None:
        if not self.is_welcome_said:
            return 0.1
        due = [runner.due_at for runner in self.runners if runner.due_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _wait(self, timeout_s: float | None) -> None:
        for key, _ in self.selector.select(timeout_s):
            if isinstance(key.data, LineBuffer):
                self._read(key.fd, buffer=key.data, output=key.fileobj)
            else:
                os.read(key.fd, 4096)

    def _read(self, descriptor: int, *, buffer: LineBuffer, output: object) -> None:
        data = os.read(descriptor, 65536)
        if data:
            buffer.add(data)
            return
        buffer.flush()
        self.selector.unregister(descriptor)
        if hasattr(output, "close"):
            output.close()

    # --- ending -------------------------------------------------------------------

    def _end_all(self) -> None:
        """First what needs the others, then what the others needed."""
        self._say("Ending; guests go on running." if self.plan.has_guests else "Ending.")
        for is_last in (False, True):
            self._end([runner for runner in self.runners if runner.part.ends_last == is_last])
        self._record()
        self._say("Ended.")

    def _end(self, runners: list[Runner]) -> None:
        """SIGTERM, and SIGKILL after 10 s or when told a second time."""
        told = len(self.signals)
        for runner in runners:
            runner.send(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        while self._some_run(runners) and time.monotonic() < deadline and len(self.signals) == told:
            self._wait(0.1)
        for runner in runners:
            if runner.is_running:
                self._say(f"{runner.part.name} did not end by itself; killed")
                runner.send(signal.SIGKILL)
        while self._some_run(runners):
            self._wait(0.1)

    def _some_run(self, runners: list[Runner]) -> bool:
        for runner in runners:
            runner.ended()
        return any(runner.is_running for runner in runners)

    def _say(self, text: str) -> None:
        for line in text.splitlines():
            self.log.write("up", line)


def _die_with(parent: int) -> Callable[[], None]:
    """What a child does before it becomes the part: ask the kernel to end it when its parent dies."""

    def before_exec() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return before_exec


def _how(status: int) -> str:
    """In words, how a process ended; `subprocess` gives a signal as a negative number."""
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def main() -> None:
    plan = Plan.read(Path(sys.argv[1]))
    Supervisor(plan, log=LogStream(plan.log)).run()


if __name__ == "__main__":
    main()
