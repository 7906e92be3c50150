"""One WebSocket of a browser, in the words that the relay needs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dashboard.live.lane import Receive, Scope, Send

from .endings import Ended

REASON_BYTES = 123  # RFC 6455, 5.5
PREFIX = "skydeck.ticket."


def ticket_of(scope: Scope) -> str:
    """From the sub-protocols, which no log and no history shows; empty when there is not exactly one."""
    offered = scope["subprotocols"]
    tokens = [name.removeprefix(PREFIX) for name in offered if name.startswith(PREFIX)]
    return tokens[0] if len(tokens) == 1 and "binary" in offered else ""


class WebSocket:
    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.is_accepted = False

    async def accept(self) -> None:
        await self._send({"type": "websocket.accept", "subprotocol": "binary"})
        self.is_accepted = True

    async def read(self) -> bytes | None:
        """The next message; None when the browser has left."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            return None
        return message.get("bytes") or (message.get("text") or "").encode()

    async def write(self, data: bytes) -> None:
        """Waits while the browser's connection is full."""
        await self._send({"type": "websocket.send", "bytes": data})

    async def tell(self, note: Mapping[str, Any]) -> None:
        """Something for the page itself: JSON as text, where a guest's bytes are binary."""
        await self._send({"type": "websocket.send", "text": json.dumps(note)})

    async def close(self, end: Ended) -> None:
        """With code and reason, which only an accepted WebSocket can tell."""
        reason = end.reason.encode()[:REASON_BYTES].decode(errors="ignore")
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):  # a browser that does not read is not waited for
                if not self.is_accepted:
                    await self.accept()
                await self._send({"type": "websocket.close", "code": int(end.code), "reason": reason})
