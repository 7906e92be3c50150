"""HTTP on both sides of the fault proxy: one listener for each service, one thread for each connection."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from .faults import Answer, Ending

UPSTREAM_TIMEOUT_S = 180
# of one connection each, so not passed on (RFC 9110, section 7.6.1); the length is written anew
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade", "expect"}
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 seconds


class Request:
    """What a client asks, wholly read. `path` is with its query."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self.method: str = handler.command
        self.path: str = handler.path
        self.headers = [(name, value) for name, value in handler.headers.items() if name.lower() not in HOP_BY_HOP]
        self.body = _read_body(handler)

    def header(self, name: str) -> str:
        """Its value, or nothing."""
        return self._handler.headers.get(name, "")

    def forward(self) -> Answer:
        """Put it to the real service, with the Host it was sent to: services build links from that."""
        upstream = http.client.HTTPConnection(self._handler.server.upstream, timeout=UPSTREAM_TIMEOUT_S)
        try:
            upstream.putrequest(self.method, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers:
                upstream.putheader(name, value)
            upstream.putheader("Content-Length", str(len(self.body)))
            upstream.endheaders(self.body)
            response = upstream.getresponse()
            headers = [(name, value) for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP]
            # what a HEAD says of a length is not of a body that follows
            if self.method == "HEAD" and (length := response.getheader("Content-Length")):
                headers.append(("Content-Length", length))
            return Answer(response.status, headers, response.read())
        finally:
            upstream.close()

    @staticmethod
    def reaches_client(ending: Ending) -> bool:
        return ending in (Ending.WHOLE, Ending.HALF)

    def respond(self, answer: Answer | None, ending: Ending) -> None:
        if answer is not None and self.reaches_client(ending):
            self._send(answer, half=ending is Ending.HALF)
        if ending is Ending.RESET:
            self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        if ending is not Ending.WHOLE:
            self._handler.hang_up()

    def _send(self, answer: Answer, *, half: bool) -> None:
        handler = self._handler
        handler.send_response_only(answer.status)
        for name, value in answer.headers:
            handler.send_header(name, value)
        if self.method != "HEAD" and answer.status not in (204, 304):
            handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        if self.method != "HEAD":
            handler.wfile.write(answer.body[: len(answer.body) // 2] if half else answer.body)
        handler.wfile.flush()


class Listener:
    """A free loopback port in front of one service. `handle` is called in a thread of the connection's own."""

    def __init__(self, real_url: str, *, handle: Callable[[Request], None]) -> None:
        self._server = _Server(urlsplit(real_url).netloc, handle=handle)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop to listen, and close what is open, so that no client goes on through us."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    block_on_close = False

    def __init__(self, upstream: str, *, handle: Callable[[Request], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.handle_request_of_client = handle
        self.open: set[socket.socket] = set()

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in as few packets as they need

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        try:
            super().finish()
        except OSError:
            return  # hung up on

    def pass_on(self) -> None:
        try:
            self.server.handle_request_of_client(Request(self))
        except (ConnectionError, TimeoutError, http.client.HTTPException):
            self.hang_up()  # a client that left, or a service that is down: the client sees a closed connection

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_COPY = do_OPTIONS = pass_on

    def hang_up(self) -> None:
        """Close now. Until then some reference to the socket would keep it open."""
        self.close_connection = True
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *arguments: object) -> None:
        """The proxy's own log says it."""


def _read_body(handler: _Handler) -> bytes:
    if "chunked" not in handler.headers.get("Transfer-Encoding", ""):
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    parts = []
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        parts.append(handler.rfile.read(size))
        handler.rfile.readline()  # the end of the line after each chunk
    while handler.rfile.readline().strip():
        pass  # trailers
    return b"".join(parts)
