"""The web server in front of a `Cloud`: which service is meant, signatures, limits, faults on the wire.

HTTP and TLS come on one port, as in Eucalyptus: the first byte of a connection tells them apart.
"""

from __future__ import annotations

import socket
import ssl
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import cloudwatch, ec2, errors, iam, s3, signatures, sts
from .call import Call
from .cloud import Asked, Cloud
from .errors import NotServed, Refused
from .parameters import Parameters, data

MOST_BODY, MOST_LINE, MOST_HEADERS = 300 * 1024, 4096, 8192
SERVICES = {"ec2": ec2.answer, "iam": iam.answer, "sts": sts.answer, "cloudwatch": cloudwatch.answer}
SIGNED_FOR = {"cloudwatch": "monitoring"}
PATHS = {row["path"].lower(): row["service"] for row in data("service_endpoints")["services"]}
PATHS |= {"/services/eucalyptus": "ec2", "/services/walrus": "s3"}
LABELS = {label: row["service"] for row in data("service_endpoints")["services"] for label in row["dns_labels"]}
TLS_HANDSHAKE = 0x16


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, cloud: Cloud, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.cloud, self.tls = cloud, tls

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(self.cloud.faults.idle_s)
        first = request.recv(1, socket.MSG_PEEK)
        if first and first[0] == TLS_HANDSHAKE and self.tls:
            with self.tls.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        elif first:
            super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up, or that refused our certificate, is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    # head and body in one packet: else each answer waits 40 ms for the client's acknowledgement
    disable_nagle_algorithm = True
    wbufsize = 2**16
    served = 0

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        """By the cloud's own clock, which may be wrong."""
        return super().date_time_string(timestamp or time.time() + self.server.cloud.faults.clock_ahead_s)

    def setup(self) -> None:
        self.timeout = self.server.cloud.faults.idle_s
        super().setup()

    def handle_expect_100(self) -> bool:
        is_wanted = super().handle_expect_100()
        self.wfile.flush()
        return is_wanted

    def answer(self) -> None:
        began, cloud = time.perf_counter(), self.server.cloud
        content = self.content()
        self.served += 1
        if self.served >= cloud.faults.requests_per_connection:
            self.close_connection = True
        time.sleep(cloud.faults.slow_s)
        asked, reply = respond(cloud, self.command, self.path, self.headers, content)
        asked.ms, asked.bytes = (time.perf_counter() - began) * 1000, len(reply.body)
        self.send(reply, asked.fault)

    def content(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            found.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(found)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

    def send(self, reply: Reply, fault: str | None) -> None:
        if fault in ("dropped", "lost"):
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        length = self.server.cloud.faults.huge_bytes if fault == "huge" else len(reply.body)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.write(reply.body, fault, length)

    def write(self, body: bytes, fault: str | None, length: int) -> None:
        if fault == "cut":
            self.close_connection = True
            body = body[: len(body) // 2]
        if fault == "huge":
            # spaces before the end of the root: well formed, and nothing to be had of it
            at = body.rfind(b"</")
            self.wfile.write(body[:at])
            for _ in range((length - len(body)) // 2**16):
                self.wfile.write(b" " * 2**16)
            body = b" " * ((length - len(body)) % 2**16) + body[at:]
        self.wfile.write(body)


class Reply:
    def __init__(self, status: int, body: str | bytes, kind: str = errors.XML, **headers: str) -> None:
        self.status, self.body = status, body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.headers = ({"Content-Type": kind} if kind else {}) | named


def service_of(host: str, path: str) -> tuple[str, str]:
    """(service, the rest of the path). Path style first; a name of a service in front of any domain otherwise."""
    for prefix, service in PATHS.items():
        if path.lower() == prefix or path.lower().startswith(f"{prefix}/"):
            return service, path[len(prefix) :]
    return LABELS.get(host.partition(".")[0].lower(), ""), path


def respond(cloud: Cloud, method: str, target: str, headers: Any, body: bytes) -> tuple[Asked, Reply]:
    parts = urlsplit(target)
    service, rest = service_of(headers.get("Host", ""), parts.path)
    asked = Asked(service, "", {}, "", "", method=method, path=target)
    cloud.requests.append(asked)
    try:
        if not service:
            raise NotServed(404, f"No service at {parts.path}")
        check_size(service, method, target, headers, body)
        reply = _served(cloud, asked, rest, headers, body)
    except Refused as refusal:
        kind, text = errors.body(service, refusal)
        asked.code, reply = refusal.code, Reply(refusal.status, text, kind)
    except Exception:
        # a mistake of ours: nobody should take it for an answer of Eucalyptus
        slip = Refused(500, "DialectBroke", traceback.format_exc())
        asked.code, reply = slip.code, Reply(500, errors.body(service, slip)[1])
    asked.status = reply.status
    return asked, spoiled(asked.fault, reply)


def check_size(service: str, method: str, target: str, headers: Any, body: bytes) -> None:
    if len(f"{method} {target} HTTP/1.1") > MOST_LINE:
        raise NotServed(400, f"An HTTP line is larger than {MOST_LINE} bytes.")
    if sum(len(name) + len(value) for name, value in headers.items()) > MOST_HEADERS:
        raise NotServed(400, f"HTTP header is larger than {MOST_HEADERS} bytes.")
    if service != "s3" and len(body) > MOST_BODY:
        raise NotServed(400, f"HTTP content is larger than {MOST_BODY} bytes.")


def _served(cloud: Cloud, asked: Asked, rest: str, headers: Any, body: bytes) -> Reply:
    query = urlsplit(asked.path).query
    found = Parameters(signatures.without_signature(query))
    if asked.service == "s3":
        asked.action = s3.name_of(asked.method, rest, found, headers)
    else:
        found.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        asked.action = found.get("Action", "")
    asked.parameters, asked.fault = found, cloud.faults.take(asked.action)
    refuse_on_demand(cloud, asked.fault)
    with cloud.lock:
        cloud.clock.settle()
        key = signatures.verify(
            cloud, SIGNED_FOR.get(asked.service, asked.service), asked.method, asked.path, headers, body
        )
        asked.key_id, asked.account = key.id, key.user.account.id
        call = Call(cloud, asked.service, asked.action, found, key)
        if asked.service == "s3":
            return Reply(*s3.answer(call, rest, headers, body))
        return Reply(200, _answer(call))


def _answer(call: Call) -> str:
    if call.service not in SERVICES:
        raise NotServed(404, f"The dialect server has no {call.service}")
    return SERVICES[call.service](call)


def refuse_on_demand(cloud: Cloud, fault: str | None) -> None:
    match fault:
        case "clock":
            raise NotServed(403, "Message has expired: the clock of the client or of the cloud is off")
        case "unavailable":
            raise Refused(503, "ServiceUnavailable", "Service Unavailable")
        case "internal":
            raise Refused(500, "InternalFailure", "Internal error")
        case "capacity":
            code, status = cloud.faults.capacity_code, cloud.faults.capacity_status
            raise Refused(status, code, "Not enough resources (0 in zone-a < 1): vm instances.")
        case "dropped":
            raise Refused(500, "InternalFailure", "nobody sees this")


def spoiled(fault: str | None, reply: Reply) -> Reply:
    if fault == "page":
        return Reply(200, "<!DOCTYPE html><title>Sign in</title><p>Captive portal", "text/html")
    if fault == "entities":
        root = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        text = reply.body.decode().replace("<requestId>", "<requestId>&b;").replace("<RequestId>", "<RequestId>&b;")
        return Reply(reply.status, root + text)
    return reply
