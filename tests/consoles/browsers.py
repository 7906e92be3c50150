"""A tab with a console, as a browser of ours opens it: a ticket from the page, then the WebSocket."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect


class Tab:
    def __init__(self, web: str, user, instance, *, kind: str = "serial") -> None:
        self.web, self.instance, self.kind = web, instance, kind
        self.browser = Client()
        self.browser.force_login(user)
        self.connections = ExitStack()
        self.socket: ClientConnection | None = None
        self.notes: list[dict[str, Any]] = []
        """What was said to the page between the guest's bytes."""

    @property
    def cookie(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.browser.cookies[settings.SESSION_COOKIE_NAME].value}"

    def ask(self, how: str = ""):
        """The answer to the ask for a ticket."""
        url = reverse("consoles:ticket", args=["lab", self.instance.pk, self.kind])
        return self.browser.post(url, {"how": how})

    def ticket(self, how: str = "") -> str:
        answer = self.ask(how)
        assert answer.status_code == 200, answer.content
        return answer.json()["ticket"]

    @property
    def url(self) -> str:
        return f"{self.web.replace('http', 'ws')}/console/{self.instance.pk}"

    def handshake(self, ticket: str) -> dict[str, Any]:
        return {
            "origin": self.web,
            "subprotocols": [f"skydeck.ticket.{ticket}", "binary"],
            "additional_headers": {"Cookie": self.cookie},
            "compression": None,
        }

    def dial(self, ticket: str, **changed: Any) -> Tab:
        """Open the WebSocket. Raises websockets' InvalidStatus when the handshake is refused."""
        browser = connect(self.url, **self.handshake(ticket) | changed)
        self.socket = self.connections.enter_context(browser)
        return self

    def open(self) -> Tab:
        """With a ticket of its own, up to the guest's greeting."""
        self.dial(self.ticket())
        self.read_until(b"login: ")
        return self

    def type(self, data: bytes) -> None:
        self.socket.send(data)

    def read(self, *, timeout: float) -> bytes:
        """The guest's next bytes; empty when it was a note."""
        message = self.socket.recv(timeout=timeout)
        if isinstance(message, bytes):
            return message
        self.notes.append(json.loads(message))
        return b""

    def read_until(self, wanted: bytes, *, within_s: float = 5.0) -> bytes:
        end, heard = time.monotonic() + within_s, b""
        while wanted not in heard:
            heard += self.read(timeout=max(0.0, end - time.monotonic()))
        return heard

    def told(self, name: str, value: Any = None, *, within_s: float = 5.0) -> Any:
        """What the note `name` says, as soon as it is there; with a value, as soon as it is that."""
        end = time.monotonic() + within_s
        while True:
            for note in self.notes:
                if name in note and value in (None, note[name]):
                    self.notes.remove(note)
                    return note[name]
            self.read(timeout=max(0.0, end - time.monotonic()))

    def ended(self, *, within_s: float = 5.0) -> tuple[int, str]:
        """Code and reason of its end; what comes before that is dropped. Raises TimeoutError."""
        end = time.monotonic() + within_s
        try:
            while True:
                self.socket.recv(timeout=max(0.0, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code, closed.rcvd.reason

    def close(self) -> None:
        self.connections.close()


def refused_with(dial, *args, **options) -> int:
    """The status of a handshake that is refused."""
    try:
        dial(*args, **options)
    except InvalidStatus as error:
        return error.response.status_code
    raise AssertionError("the handshake was accepted")
