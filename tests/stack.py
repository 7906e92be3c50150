"""A real worker and a real scheduler, as processes of their own, on the database of the test that starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
WORKER = ["-m", "celery", "-A", "dashboard", "worker", "-P", "threads", "-c", "4"]
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


class Stack:
    """A worker that is started again whenever it dies, and a scheduler, on the broker of this process."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.failpoints = folder / "failpoints"
        self.failpoints.mkdir(parents=True)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "SKYDECK_NO_BOOTSTRAP": "1",
            "SKYDECK_HOME": str(settings.HOME),
            "SKYDECK_SECRET_KEY": settings.SECRET_KEY,
            "SKYDECK_FIELD_KEYS": ",".join(settings.FIELD_KEYS),
            "SKYDECK_DATABASE_URL": database_url(),
            "SKYDECK_BROKER_URL": settings.BROKER_URL,
            "SKYDECK_FAILPOINT_FOLDER": str(self.failpoints),
            "PYTHONWARNINGS": "default",
            **environment,
        }
        self.log = (folder / "log").open("ab")
        self.closing = threading.Event()
        self.held = threading.Event()
        self.starts = 0
        self.worker: subprocess.Popen[bytes] | None = None
        self.scheduler: subprocess.Popen[bytes] | None = None

    def spawn(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log
        )

    def keep_worker(self) -> None:
        while not self.closing.is_set():
            if not self.held.is_set() and (self.worker is None or self.worker.poll() is not None):
                self.starts += 1
                self.worker = self.spawn([*WORKER, *QUIET])
            time.sleep(0.1)

    def kill_worker(self) -> None:
        if self.worker is not None and self.worker.poll() is None:
            self.worker.send_signal(signal.SIGKILL)
            self.worker.wait()

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
        keeper.join()
        for process in (stack.worker, scheduler):
            if process is not None:
                process.terminate()
        for process in (stack.worker, scheduler):
            if process is not None:
                end(process)
        stack.log.close()


def end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
