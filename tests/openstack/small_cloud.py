"""A web server that speaks as much OpenStack as is needed to be signed in to, and then says what a test tells it to.

For what a real cloud does not do when it is asked to: see test_errors.py. It keeps each request that it got.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dashboard.clouds.drivers.openstack.session import SOURCES, Session

PASSWORD = "not to be seen anywhere"
EXPIRES = "2099-01-01T00:00:00.000000Z"
VERSIONS = {
    "compute": {"id": "v2.1", "version": "2.104", "min_version": "2.1"},
    "image": {"id": "v2.9"},
    "block-storage": {"id": "v3.0", "version": "3.70", "min_version": "3.0"},
    "identity": {"id": "v3.14"},
    "placement": {"id": "v1.0", "version": "1.39", "min_version": "1.0"},
}


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """What it says of the body's length, where that is not true."""
    wait_s: float = 0
    pause_s: float = 0
    """Between one byte and the next."""


def said(status: int, body: Any, **headers: str) -> Answer:
    """An answer as the services give them."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body).encode(), {"x-openstack-request-id": "req-1", **names})


class SmallCloud(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[tuple[str, str], list[Answer]] = {}
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self.scheme = "http"
        self.kinds = [kind for kind in SOURCES if kind != "placement"]

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def tell(self, path: str, *answers: Answer, method: str = "GET") -> None:
        """In this order; the last one again and again."""
        self.answers[method, path] = list(answers)

    def settings(self, **changed: str) -> dict[str, str]:
        ours = {"auth_url": f"{self.url}/v3", "username": "alice", "password": PASSWORD, "project": "demo"}
        return ours | changed

    def count(self, method: str, path: str) -> int:
        return sum((verb, asked.partition("?")[0]) == (method, path) for verb, asked, _ in self.requests)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up, which is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: SmallCloud
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        self.server.requests.append((self.command, self.path, self.headers))
        self.send(self.chosen())

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def chosen(self) -> Answer:
        path = self.path.partition("?")[0]
        told = self.server.answers.get((self.command, path))
        if told:
            return told.pop(0) if len(told) > 1 else told[0]
        return self.usual(path)

    def usual(self, path: str) -> Answer:
        if path == "/v3/auth/tokens":
            number = self.server.count("POST", path)
            return said(201, token(self.server.url, self.server.kinds), X_Subject_Token=f"token-{number}")
        if (kind := path.strip("/")) in VERSIONS:
            return said(200, version_of(kind, self.server.url))
        return said(404, {"itemNotFound": {"code": 404, "message": "nothing here"}})

    def send(self, answer: Answer) -> None:
        time.sleep(answer.wait_s)
        self.send_response_only(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        self.end_headers()
        step = 1 if answer.pause_s else len(answer.body) or 1
        for start in range(0, len(answer.body), step):
            self.wfile.write(answer.body[start : start + step])
            time.sleep(answer.pause_s)
        if answer.length is not None:
            self.close_connection = True


def token(url: str, kinds: list[str]) -> dict[str, Any]:
    catalogue = [
        {"type": kind, "name": kind, "endpoints": [{"interface": "public", "region_id": "R", "url": f"{url}/{kind}"}]}
        for kind in kinds
    ]
    return {
        "token": {
            "expires_at": EXPIRES,
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "methods": ["password"],
            "user": {"id": "u", "name": "alice", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "p", "name": "demo", "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": "m", "name": "member"}],
            "catalog": catalogue,
        }
    }


def version_of(kind: str, url: str) -> dict[str, Any]:
    """The document in which a service says what it speaks."""
    links = [{"rel": "self", "href": f"{url}/{kind}/"}]
    return {"versions": [{"status": "CURRENT", "links": links, **VERSIONS[kind]}]}


@contextmanager
def small_cloud() -> Iterator[SmallCloud]:
    with SmallCloud() as cloud:
        thread = threading.Thread(target=cloud.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield cloud
        cloud.shutdown()
        thread.join()


@contextmanager
def signed_in(cloud: SmallCloud, **changed: str) -> Iterator[Session]:
    session = Session(cloud.settings(**changed))
    yield session
    session.close()
