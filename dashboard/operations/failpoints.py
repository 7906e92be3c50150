"""Places where a test can make a process die, to prove that nothing is lost there.

`failpoint("launch.created")` does nothing unless SKYDECK_FAILPOINT_FOLDER is set and holds a
file of that name with the word `kill` or `sleep 5`. The file is taken away first: each fires once.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from django.conf import settings


def failpoint(name: str) -> None:
    if settings.FAILPOINT_FOLDER:
        _fire(Path(settings.FAILPOINT_FOLDER) / name)


def _fire(order: Path) -> None:
    try:
        action = order.read_text().split()
        order.unlink()
    except FileNotFoundError:
        return
    with (order.parent / "fired").open("a") as journal:
        journal.write(f"{order.name} {os.getpid()}\n")
    if action[0] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(float(action[1]))
