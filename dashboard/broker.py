"""The embedded broker: a folder of message files, by kombu's filesystem transport with one thing mended.

kombu opens a message's file under its final name and writes it then; a worker that looks in between takes
an empty message and dies of it. Here a message gets its name when it is whole: a rename is atomic.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

SCHEME = "folder"


class Channel(filesystem.Channel):  # type: ignore[misc]
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:
        name = f"{time.time_ns()}_{uuid.uuid4()}"  # in the order in which they came
        folder = Path(self.data_folder_out)
        part = folder / f"{name}.part"
        part.write_text(dumps(payload))
        os.rename(part, folder / f"{name}.{queue}.msg")


class Transport(filesystem.Transport):  # type: ignore[misc]
    Channel = Channel


def register() -> None:
    """Let Celery find it under `folder://`."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
