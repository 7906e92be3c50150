"""How bytes get to a cloud and back: to whom we speak, which certificate is believed, and how much is read.

Nothing is asked of the environment: no proxies, no profiles, no certificates but those of the connection.
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ...interface import Refused, Unavailable
from ..reach import trust

CONNECT_S = 5.0
READ_S = 60.0
ANSWER_S = 180.0
"""For the whole of an answer: lists are not paged and may be large."""
LARGEST_ANSWER = 64 << 20
CHUNK = 1 << 16
THREADS = 16

METADATA = frozenset({"169.254.169.254", "fd00:ec2::254", "100.100.100.200"})
"""Where clouds tell their guests secrets."""


class LocalAddress(Refused):
    """The address is this machine's own, or one behind which a cloud keeps its guests' secrets."""


class TooLarge(Unavailable):
    """More came than is read of any answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


class Wire:
    """Does not retry: whoever asked knows whether that is harmless. Safe to share between threads."""

    def __init__(self, *, ca_bundle: str = "", fingerprint: str = "", allow_local: bool = False) -> None:
        self.ca_bundle, self.fingerprint, self.allow_local = ca_bundle, fingerprint, allow_local
        self._lock = threading.Lock()
        self._pools: dict[bool, urllib3.PoolManager] = {}

    def _pools_for(self, url: str) -> urllib3.PoolManager:
        """Made when they are needed: certificates that cannot be read are no reason for having no driver, and to read
        this machine's own takes 50 ms."""
        is_secure = url.startswith("https:")
        with self._lock:
            if is_secure not in self._pools:
                self._pools[is_secure] = self._made(**self._security() if is_secure else {})
            return self._pools[is_secure]

    def _security(self) -> dict[str, Any]:
        try:
            context = context_for(ca_bundle=self.ca_bundle, fingerprint=self.fingerprint)
        except ssl.SSLError as error:
            raise Unavailable(f"the CA certificates cannot be read: {error}", source="ec2") from None
        known = {"assert_fingerprint": plain(self.fingerprint), "assert_hostname": False} if self.fingerprint else {}
        return {"ssl_context": context, **known}

    def _made(self, **security: Any) -> urllib3.PoolManager:
        timeout = urllib3.Timeout(connect=CONNECT_S, read=READ_S)
        pools = urllib3.PoolManager(num_pools=4, maxsize=THREADS, retries=False, timeout=timeout, **security)
        pools.pool_classes_by_scheme = OPEN if self.allow_local else GUARDED
        return pools

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str], largest: int = LARGEST_ANSWER) -> Answer:
        """Raises Unavailable, or Refused for an address that is not to be spoken to."""
        return self._asked("POST", url, body=body, headers=headers, largest=largest)

    def get(self, url: str, *, headers: Mapping[str, str], largest: int = LARGEST_ANSWER) -> Answer:
        return self._asked("GET", url, body=None, headers=headers, largest=largest)

    def _asked(self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], largest: int) -> Answer:
        try:
            with self._pools_for(url).request(
                method, url, body=body, headers=dict(headers), preload_content=False, redirect=False
            ) as response:
                return Answer(response.status, dict(response.headers), read(response, largest=largest))
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(words_of(error), source="ec2") from None

    def close(self) -> None:
        for pools in self._pools.values():
            pools.clear()


def read(response: Any, *, largest: int) -> bytes:
    """The whole body, unless it is larger or comes slower than any good answer."""
    ends_at, body = time.monotonic() + ANSWER_S, bytearray()
    # read1: what has come, and not what is to come
    while piece := response.read1(CHUNK, decode_content=True):
        body += piece
        if len(body) > largest:
            response.close()
            raise TooLarge(f"the answer was not understood: it is larger than {largest >> 20} MiB", source="ec2")
        if time.monotonic() > ends_at:
            response.close()
            raise Unavailable(f"the answer did not end within {ANSWER_S:.0f} s", source="ec2")
    return bytes(body)


def context_for(*, ca_bundle: str, fingerprint: str) -> ssl.SSLContext:
    """With a fingerprint the certificate itself is known, and neither its name nor its issuer matter."""
    if not fingerprint:
        return trust(ca_bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def plain(fingerprint: str) -> str:
    """As urllib3 wants it: hexadecimal digits alone."""
    return fingerprint.replace(":", "").replace(" ", "").lower()


# --- to whom we speak ---------------------------------------------------------------


def is_local(address: str) -> bool:
    """Looked at when the connection is there: a name may lead elsewhere from one moment to the next."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    found = getattr(found, "ipv4_mapped", None) or found
    odd = found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast
    return odd or str(found) in METADATA


def guard(connection: HTTPConnection) -> None:
    address = str(connection.sock.getpeername()[0])
    if is_local(address):
        connection.close()
        raise LocalAddress(f"LocalAddress: {connection.host} is {address}", source="ec2")


class GuardedConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        guard(self)


class GuardedSecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        guard(self)


class GuardedPool(HTTPConnectionPool):
    ConnectionCls = GuardedConnection


class GuardedSecurePool(HTTPSConnectionPool):
    ConnectionCls = GuardedSecureConnection


OPEN: dict[str, Any] = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}
GUARDED: dict[str, Any] = {"http": GuardedPool, "https": GuardedSecurePool}


def words_of(error: Exception) -> str:
    """urllib3's own, and what to do about ciphers: Eucalyptus keeps to old ones unless it is told otherwise."""
    text = str(error)[:2000]
    if "HANDSHAKE_FAILURE" in text.upper() or "NO_SHARED_CIPHER" in text.upper():
        return f"{text} - no common cipher: the cloud offers none of ECDHE"
    return text
