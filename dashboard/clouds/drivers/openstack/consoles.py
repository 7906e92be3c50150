"""Screens and serial lines of servers, through Nova's own proxies, which only we talk to.

    browser ── our relay ── here ── WebSocket ── nova-novncproxy or nova-serialproxy ── guest

Each opening asks Nova for a new token, which is good for one proxy and some minutes. It is never shown or logged.
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from ...interface import ConsoleKind, ConsoleStream, Unavailable
from ..reach import trust
from .errors import translated
from .servers import path_of
from .session import Session

REMOTE_CONSOLES = "2.6"
TYPES = {
    ConsoleKind.VNC: {"protocol": "vnc", "type": "novnc"},
    ConsoleKind.SERIAL: {"protocol": "serial", "type": "serial"},
}
CHUNK = 65536
LARGEST_MESSAGE = 1 << 20
OPEN_S = 15.0
CLOSE_S = 2.0
PING_S = 20.0

SILENT = logging.getLogger(__name__)
SILENT.setLevel(logging.CRITICAL)
"""What websockets would write at DEBUG has the token in it."""


class OpenStackConsoles:
    def __init__(self, session: Session) -> None:
        self.session = session

    async def open(self, remote_id: str, kind: ConsoleKind) -> ConsoleStream:
        """Raises Conflict while the server is not running, and Refused where its host offers no such console."""
        url = await asyncio.to_thread(self.url, remote_id, kind)
        address = websocket_of(url, instead=self.session.settings.get("console_url", ""))
        try:
            return await connected(address, ca_bundle=self.session.settings.get("ca_bundle", ""))
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            reason = f"{urlsplit(address).netloc}: {type(error).__name__}"
            raise Unavailable(f"no console at {reason}", source="nova") from None

    def url(self, remote_id: str, kind: ConsoleKind) -> str:
        """For a browser, as Nova gives it; holds a token."""
        path = f"{path_of(remote_id)}/remote-consoles"
        body = {"remote_console": TYPES[kind]}
        with translated("nova"):
            answer = self.session.post("compute", path, json=body, microversion=REMOTE_CONSOLES)
            return str(answer["remote_console"]["url"])


async def connected(address: str, *, ca_bundle: str = "") -> ConsoleSocket:
    """Without an Origin: Nova's proxies take that for what it is, a client that is no browser.

    Nothing times out for want of an answer to a ping: while a browser is slow we do not read, and answers wait.
    """
    socket = await connect(
        address,
        subprotocols=[Subprotocol("binary")],
        compression=None,
        proxy=None,
        open_timeout=OPEN_S,
        close_timeout=CLOSE_S,
        ping_interval=PING_S,
        ping_timeout=None,
        max_size=LARGEST_MESSAGE,
        max_queue=4,
        logger=SILENT,
        ssl=trust(ca_bundle) if address.startswith("wss:") else None,
    )
    return ConsoleSocket(socket)


class ConsoleSocket:
    """Bytes over the proxy's WebSocket. The library stops reading when we do, and `send` waits for the proxy."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.rest = b""

    async def read(self) -> bytes:
        try:
            while not self.rest:
                message = await self.socket.recv()
                self.rest = message.encode() if isinstance(message, str) else message
        except ConnectionClosed:
            return b""
        piece, self.rest = self.rest[:CHUNK], self.rest[CHUNK:]
        return piece

    async def write(self, data: bytes) -> None:
        try:
            await self.socket.send(data)
        except ConnectionClosed:
            return  # the end is told by `read`

    async def close(self) -> None:
        await self.socket.close()


def websocket_of(url: str, *, instead: str = "") -> str:
    """From the page that Nova means for a browser to the WebSocket that this page would open.

    Serial consoles have that address at once. noVNC's page gets it as `?path=%3Ftoken%3D...`, older ones as `?token=`.
    `instead` is an address of the VNC proxy that this machine can reach, where the public one is for browsers only.
    """
    parts = urlsplit(url)
    if parts.scheme in ("ws", "wss"):
        return url
    asked = parse_qs(parts.query)
    place = urlsplit(instead) if instead else parts
    scheme = "wss" if place.scheme in ("https", "wss") else "ws"
    path, _, query = asked["path"][0].lstrip("/").partition("?") if "path" in asked else ("websockify", "", "")
    return urlunsplit((scheme, place.netloc, f"/{path}", query or f"token={quote(asked['token'][0])}", ""))
