"""Live streams to a guest."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class ConsoleKind(StrEnum):
    VNC = "vnc"
    SERIAL = "serial"


class ConsoleStream(Protocol):
    """Bytes to and from a guest. Backpressure is the awaiting of `read` and `write`."""

    async def read(self) -> bytes:
        """Up to 64 KiB; empty at the end."""
        ...

    async def write(self, data: bytes) -> None: ...

    async def close(self) -> None: ...


class Consoles(Protocol):
    async def open(self, remote_id: str, kind: ConsoleKind) -> ConsoleStream: ...
