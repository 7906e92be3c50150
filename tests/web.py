"""The web process as production runs it, in a thread of the test, and browsers that talk to it over sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue

import httpx
from django.conf import settings
from django.test import Client

from dashboard import serve


@contextmanager
def web_process(port: int = 0, *, is_behind_proxy: bool = False) -> Iterator[str]:
    """Its address, such as `http://127.0.0.1:40001`; the port is a free one where none is given."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        port = listener.getsockname()[1]
        server = serve.Server(serve.config(host="127.0.0.1", port=port, is_behind_proxy=is_behind_proxy))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


def wait_until(is_so, *, within_s: float = 5.0):
    """The seconds it took."""
    start = time.monotonic()
    while not is_so():
        assert time.monotonic() - start < within_s, "it did not come to be in time"
        time.sleep(0.02)
    return time.monotonic() - start


def cookie_of(user) -> str:
    """The Cookie header of a browser in which this person just signed in."""
    browser = Client()
    browser.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


class EventReader:
    """A browser with one event stream. `blocks` are what came between empty lines, as dicts of their fields."""

    def __init__(self, web: str, cookie: str, *, tenant: str = "lab", last_id: str = "") -> None:
        headers = {"Cookie": cookie} | ({"Last-Event-ID": last_id} if last_id else {})
        self.client = httpx.Client(timeout=30)
        self.request = self.client.build_request("GET", f"{web}/t/{tenant}/events/", headers=headers)
        self.response = self.client.send(self.request, stream=True)
        self.blocks: Queue[dict[str, str] | None] = Queue()
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        block: dict[str, str] = {}
        try:
            for line in self.response.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                else:
                    self.blocks.put(block)
                    block = {}
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self.blocks.put(None)

    def next(self, *, within_s: float = 1.0) -> dict[str, str] | None:
        """The next block; None when the stream ended. Raises queue.Empty."""
        return self.blocks.get(timeout=within_s)

    def next_change(self, *, within_s: float = 1.0) -> tuple[str, str]:
        block = self.next(within_s=within_s)
        assert block is not None, "the stream ended"
        data = json.loads(block["data"])
        return data["topic"], data["id"]

    def is_silent(self, *, for_s: float = 0.8) -> bool:
        try:
            return self.next(within_s=for_s) is None
        except Empty:
            return True

    def ended(self, *, within_s: float = 5.0) -> float:
        """The seconds until the stream ended; whatever comes before that is dropped."""
        start = time.monotonic()
        while self.blocks.get(timeout=within_s) is not None:
            pass
        return time.monotonic() - start

    def close(self) -> None:
        """As a closed tab: the connection ends under whoever still reads."""
        with suppress(OSError):
            self.response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        assert not self.thread.is_alive()
        self.response.close()
        self.client.close()


@contextmanager
def reading(web: str, user, **options) -> Iterator[EventReader]:
    """A stream that was greeted already, so that nothing later is missed."""
    reader = EventReader(web, cookie_of(user), **options)
    try:
        assert reader.response.status_code == 200
        assert "" in (reader.next(within_s=5) or {})  # the comment `: here`
        yield reader
    finally:
        reader.close()
