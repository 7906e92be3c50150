"""Whether a machine can be reached: its name, its port, its certificate. Drivers that speak HTTP ask it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ..interface import Finding, FindingState
from .finding import bad, ok, warning

WAIT_S = 5.0
SOON_DAYS = 21
PORTS = {"http": 80, "https": 443}

# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
EXPIRED, NOT_YET, SELF_SIGNED, WRONG_HOST, WRONG_IP = 10, 9, 18, 62, 64
UNKNOWN_ISSUER = (19, 20, 21, 2)


class Code(StrEnum):
    """What can be wrong on the way to any host. The words for each are written above the driver line."""

    CA_NOT_PEM = "ca-not-pem"
    HOST_UNKNOWN = "host-unknown"
    NAMES_AWAY = "names-away"
    PORT_CLOSED = "port-closed"
    NO_ANSWER = "no-answer"
    UNREACHABLE = "unreachable"
    UNENCRYPTED = "unencrypted"
    UNENCRYPTED_HERE = "unencrypted-here"
    TLS_PLAIN = "tls-plain"
    TLS_BROKEN = "tls-broken"
    TLS_EXPIRED = "tls-expired"
    TLS_NOT_YET = "tls-not-yet"
    TLS_SOON_OVER = "tls-soon-over"
    TLS_WRONG_NAME = "tls-wrong-name"
    TLS_UNKNOWN_ISSUER = "tls-unknown-issuer"
    TLS_SELF_SIGNED = "tls-self-signed"


@dataclass(frozen=True, slots=True)
class Address:
    scheme: str
    host: str
    port: int

    @property
    def is_local(self) -> bool:
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


def address_of(url: str) -> Address | None:
    """None for what is no web address."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return Address(parts.scheme, parts.hostname, port or PORTS[parts.scheme])


def name(step: str, address: Address) -> Finding:
    """Whether the host has an address."""
    # the system's resolver has no time-out of its own
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="resolve")
    try:
        looked_up = pool.submit(socket.getaddrinfo, address.host, address.port, type=socket.SOCK_STREAM)
        found = looked_up.result(timeout=WAIT_S)
    except TooLate:
        return bad(step, Code.NAMES_AWAY, host=address.host)
    except (socket.gaierror, UnicodeError) as error:
        is_away = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        return bad(step, Code.NAMES_AWAY if is_away else Code.HOST_UNKNOWN, detail=str(error), host=address.host)
    finally:
        pool.shutdown(wait=False)
    return ok(step, host=address.host, addresses=", ".join(dict.fromkeys(str(entry[4][0]) for entry in found)))


def port(step: str, address: Address) -> Finding:
    """Whether somebody listens."""
    where = {"host": address.host, "port": str(address.port)}
    try:
        with closing(socket.create_connection((address.host, address.port), timeout=WAIT_S)):
            return ok(step, **where)
    except TimeoutError:
        return bad(step, Code.NO_ANSWER, **where)
    except ConnectionRefusedError:
        return bad(step, Code.PORT_CLOSED, **where)
    except OSError as error:
        return bad(step, Code.UNREACHABLE, detail=str(error), **where)


def certificate(step: str, address: Address, *, ca_bundle: str) -> Finding:
    """Whether it proves who it is, and for how long."""
    if address.scheme == "http":
        if address.is_local:
            return Finding(step=step, state=FindingState.OK, code=Code.UNENCRYPTED_HERE, values={"host": address.host})
        return warning(step, Code.UNENCRYPTED, host=address.host)
    try:
        leaf = _certificate(address, trust(ca_bundle))
    except ssl.SSLCertVerificationError as error:
        return _distrusted(step, address, error)
    except ssl.SSLError as error:
        code = Code.TLS_PLAIN if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST") else Code.TLS_BROKEN
        return bad(step, code, detail=str(error), host=address.host)
    except TimeoutError:
        return bad(step, Code.NO_ANSWER, host=address.host, port=str(address.port))
    except OSError as error:
        return bad(step, Code.TLS_BROKEN, detail=str(error), host=address.host)
    values = _about(leaf, address)
    days = (leaf.not_valid_after_utc - datetime.now(UTC)).days
    if days < SOON_DAYS:
        return warning(step, Code.TLS_SOON_OVER, **values, days=str(days))
    return ok(step, **values)


def _certificate(address: Address, context: ssl.SSLContext) -> x509.Certificate:
    with (
        closing(socket.create_connection((address.host, address.port), timeout=WAIT_S)) as plain,
        closing(context.wrap_socket(plain, server_hostname=address.host)) as secured,
    ):
        return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")


def _distrusted(step: str, address: Address, error: ssl.SSLCertVerificationError) -> Finding:
    return bad(step, _code_of(error.verify_code), detail=error.verify_message, **_shown_by(address))


def _code_of(verify_code: int) -> Code:
    known: Mapping[int, Code] = {
        EXPIRED: Code.TLS_EXPIRED,
        NOT_YET: Code.TLS_NOT_YET,
        SELF_SIGNED: Code.TLS_SELF_SIGNED,
        WRONG_HOST: Code.TLS_WRONG_NAME,
        WRONG_IP: Code.TLS_WRONG_NAME,
    }
    return Code.TLS_UNKNOWN_ISSUER if verify_code in UNKNOWN_ISSUER else known.get(verify_code, Code.TLS_BROKEN)


def _shown_by(address: Address) -> dict[str, str]:
    """What the certificate says that is not believed. Looked at once more, for its words alone: nothing is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return _about(_certificate(address, context), address)
    except (OSError, ValueError):
        return _about(None, address)


def _about(leaf: x509.Certificate | None, address: Address) -> dict[str, str]:
    about: dict[str, Callable[[x509.Certificate], str]] = {
        "subject": lambda found: found.subject.rfc4514_string(),
        "issuer": lambda found: found.issuer.rfc4514_string(),
        "names": _names,
        "begins": lambda found: f"{found.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
        "ends": lambda found: f"{found.not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
    }
    said = {key: say(leaf) if leaf else "" for key, say in about.items()}
    return {"host": address.host, **said}


def _names(leaf: x509.Certificate) -> str:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    return ", ".join(str(entry.value) for entry in found)


def trust(ca_bundle: str) -> ssl.SSLContext:
    """Only those of the PEM text; empty: those of this machine. Raises ssl.SSLError for what is no certificate."""
    return ssl.create_default_context(cadata=ca_bundle or None)


def is_pem(text: str) -> bool:
    """Whether all of it can be read as certificates."""
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return False
    return all(certificate.public_bytes(Encoding.PEM) for certificate in found)
