"""How bytes get to a cloud and back: which certificates are believed, and that every call ends.

requests asks its environment for proxies, passwords (~/.netrc) and certificates; here nothing is asked but the
connection's own settings. Its time-out holds for each piece of an answer; ours holds for the whole body.
"""

from __future__ import annotations

import ssl
import time
from functools import cached_property
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ..reach import trust

CONNECT_S = 5.0
READ_S = 30.0
THREADS = 32
"""As many calls to one service may be under way at once."""
CHUNK = 65536
LARGEST_ANSWER = 256 << 20


class Transport(HTTPAdapter):
    """Does not retry: whoever asked knows whether that is harmless."""

    def __init__(self, known: ssl.SSLContext | None) -> None:
        """None: whom this machine believes."""
        self.known = known
        super().__init__(pool_connections=16, pool_maxsize=THREADS, max_retries=0)

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Made for the first secure address: to read this machine's certificates takes 50 ms."""
        return self.known or trust("")

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, pool | ({"ssl_context": self.context} if host["scheme"] == "https" else {})

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """requests would add the certificates that it brings along; our context already says whom we believe."""
        conn.cert_reqs = "CERT_REQUIRED"

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """`timeout` is requests' pair, or None for ours."""
        connect_s, read_s = timeout or (CONNECT_S, READ_S)
        ends_at = time.monotonic() + connect_s + read_s
        response = super().send(request, stream=True, timeout=(connect_s, read_s))
        read_body(response, ends_at=ends_at)
        return response


def read_body(response: requests.Response, *, ends_at: float) -> None:
    """The whole body into memory, as requests itself does it. Raises ReadTimeout when it takes too long."""
    body = bytearray()
    # read1: what has come, and not what is to come
    while piece := response.raw.read1(CHUNK, decode_content=True):
        body += piece
        if time.monotonic() > ends_at or len(body) > LARGEST_ANSWER:
            response.close()
            raise requests.ReadTimeout(f"the answer did not end; {len(body)} bytes had come", request=response.request)
    response._content = bytes(body)


def http_session(ca_bundle: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    transport = Transport(trust(ca_bundle) if ca_bundle else None)
    session.mount("https://", transport)
    session.mount("http://", transport)
    return session
