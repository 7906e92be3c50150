"""A real worker and a real scheduler, as processes of their own, on the database of the test that starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
WORKER = ["-P", "threads", "-c", "4"]
QUIET = ["--without-gossip", "--without-mingle", "-l", "warning"]


def database_url() -> str:
    """The URL under which another process finds the test's own database."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return f"postgres://{values['USER']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def wait_until(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def environment_of(failpoints: Path, **more: str) -> dict[str, str]:
    """In which another process works as the test's own does."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "SKYDECK_NO_BOOTSTRAP": "1",
        "SKYDECK_HOME": str(settings.HOME),
        "SKYDECK_SECRET_KEY": settings.SECRET_KEY,
        "SKYDECK_FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        "SKYDECK_DATABASE_URL": database_url(),
        "SKYDECK_BROKER_URL": settings.BROKER_URL,
        "SKYDECK_FAILPOINT_FOLDER": str(failpoints),
        "PYTHONWARNINGS": "default",
        **more,
    }


class Stack:
    """A worker that is started again whenever it dies, and a scheduler, on the broker of this process."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.failpoints = folder / "failpoints"
        self.failpoints.mkdir(parents=True)
        self.environment = environment_of(self.failpoints, **environment)
        self.log = (folder / "log").open("ab")
        self.closing = threading.Event()
        self.held = threading.Event()
        self.starts = 0
        self.worker = 0  # its pid; 0 while none runs
        self.nursery = self.spawn(["-m", "tests.nursery", *WORKER, *QUIET], stdin=PIPE, stdout=PIPE)
        self.scheduler: subprocess.Popen[bytes] | None = None

    def spawn(
        self, arguments: list[str], *, stdin: int | None = None, stdout: int | None = None, **environment: str
    ) -> subprocess.Popen[bytes]:
        words, env = [sys.executable, *arguments], self.environment | environment
        out = self.log if stdout is None else stdout
        return subprocess.Popen(words, cwd=ROOT, env=env, stdin=stdin, stdout=out, stderr=self.log)

    def keep_worker(self) -> None:
        while not self.closing.is_set():
            if self.held.is_set():
                time.sleep(0.05)
            else:
                self.have_one_worker()

    def have_one_worker(self) -> None:
        """Start it, and come back when it has ended."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.starts += 1
        self.nursery.stdin.write(b"\n")
        self.nursery.stdin.flush()
        self.worker = int(self.nursery.stdout.readline())
        if self.closing.is_set():
            self.signal_worker(signal.SIGKILL)
        self.nursery.stdout.readline()
        self.worker = 0

    def signal_worker(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self.worker:
                os.kill(self.worker, number)

    def kill_worker(self) -> None:
        """It is gone when this returns; another may be there already."""
        gone = self.worker
        self.signal_worker(signal.SIGKILL)
        wait_until(lambda: not gone or self.worker != gone, seconds=15, what="the killed worker has ended")

    def end_worker(self, keeper: threading.Thread) -> None:
        """At once: ending in good order takes it seconds, and nobody waits for what it does any more."""
        self.signal_worker(signal.SIGKILL)
        keeper.join(15)
        assert not keeper.is_alive()
        with self.nursery:  # closes its pipes, and waits
            pass

    def hold_worker(self) -> None:
        """Kill it and do not start another until `release_worker`."""
        self.held.set()
        self.kill_worker()

    def release_worker(self) -> None:
        self.held.clear()

    def order(self, failpoint: str, action: str = "kill") -> None:
        (self.failpoints / failpoint).write_text(action)

    def fired(self) -> list[str]:
        journal = self.failpoints / "fired"
        return [line.split()[0] for line in journal.read_text().splitlines()] if journal.exists() else []

    def empty_broker(self) -> None:
        """The broker forgets everything that it was told."""
        if settings.BROKER_URL.startswith("redis"):
            import redis

            with redis.Redis.from_url(settings.BROKER_URL) as client:
                client.flushdb()
        for message in (settings.BROKER_FOLDER / "messages").glob("*"):
            message.unlink(missing_ok=True)


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Stack]:
    stack = Stack(folder, **environment)
    keeper = threading.Thread(target=stack.keep_worker)
    stack.scheduler = scheduler = stack.spawn(["manage.py", "scheduler"])
    keeper.start()
    try:
        yield stack
    finally:
        stack.closing.set()
        scheduler.terminate()
        stack.end_worker(keeper)
        end(scheduler)
        stack.log.close()
        if "PYTEST_CURRENT_TEST" in os.environ:  # shown where the test fails
            print(f"The worker was started {stack.starts} times. The end of the log of worker and scheduler:")
            print((folder / "log").read_text(errors="replace")[-6000:])


def end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
