"""An end to waiting: libvirt's calls block for as long as the other side likes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from ...interface import Unavailable

Answer = TypeVar("Answer")


class Deadline:
    """Runs work in threads of its own, so that the caller can stop waiting for it.

    What is given up goes on until libvirt lets go of it. `limit` bounds how many
    calls can be stuck that way. The threads are daemons: a stuck one does not keep
    the process from ending, as a ThreadPoolExecutor's would.
    """

    def __init__(self, *, limit: int) -> None:
        self.free = threading.BoundedSemaphore(limit)

    def within(self, seconds: float, work: Callable[[], Answer]) -> Answer:
        """What `work` returns or raises. Raises Unavailable when the time is over."""
        end = time.monotonic() + seconds
        if not self.free.acquire(timeout=seconds):
            raise Unavailable("all calls to this host are stuck")
        answer: Future[Answer] = Future()
        threading.Thread(target=self._run, args=(work, answer), name="libvirt-call", daemon=True).start()
        try:
            return answer.result(timeout=max(0.0, end - time.monotonic()))
        except TimeoutError as error:
            raise Unavailable(f"no answer within {seconds:g} s") from error

    def _run(self, work: Callable[[], Answer], answer: Future[Answer]) -> None:
        try:
            answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)
        finally:
            self.free.release()
