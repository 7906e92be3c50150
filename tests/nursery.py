"""Workers that are there at once: this imports what a worker needs, then forks one for each line that it reads.

It prints the pid of each, and an empty line when that one has ended. `stack.py` starts it.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn


def main(arguments: list[str]) -> None:
    from dashboard.celery import app

    app.loader.import_default_modules()
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            become_worker(app, arguments)
        print(pid, flush=True)
        os.waitpid(pid, 0)
        print(flush=True)


def become_worker(app, arguments: list[str]) -> NoReturn:
    """Of the pipes to the test nothing is kept: what it prints goes into the log."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    try:
        app.worker_main(["worker", *arguments])
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
