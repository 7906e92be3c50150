"""The way to a Eucalyptus: its address, its certificate, and its clock."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from socket import create_connection

from cryptography import x509

from ...interface import Finding, FindingState, Unavailable
from .. import reach
from ..finding import bad, ok
from .endpoints import parts_of, url_of
from .finding_codes import Code
from .session import FORM, Session
from .transport import context_for, is_local, plain

NO_CIPHER = re.compile(r"HANDSHAKE_FAILURE|NO_SHARED_CIPHER|DH_KEY_TOO_SMALL|UNSUPPORTED_PROTOCOL", re.IGNORECASE)
UNTRUSTED = {
    reach.Code.TLS_SELF_SIGNED: Code.TLS_SELF_SIGNED,
    reach.Code.TLS_UNKNOWN_ISSUER: Code.TLS_UNKNOWN_ISSUER,
    reach.Code.TLS_WRONG_NAME: Code.TLS_WRONG_NAME,
}
SHA256 = re.compile(r"[0-9a-f]{64}")


def address_in(settings: Mapping[str, str]) -> reach.Address | None:
    """Where EC2 is: with a name for each service that name is looked up. None for what is no web address."""
    try:
        scheme, _host, port = parts_of(settings.get("endpoint", ""))
        found = reach.address_of(url_of("ec2", settings))
    except Unavailable:
        return None
    return reach.Address(scheme, found.host, port) if found else None


def not_local(found: Finding) -> Finding:
    """Bad where the name leads to this machine itself, or to where a cloud keeps its guests' secrets."""
    addresses = found.values.get("addresses", "").split(", ")
    if odd := [address for address in addresses if is_local(address)]:
        return bad("dns", Code.ADDRESS_LOCAL, host=found.values.get("host", ""), address=odd[0])
    return found


def certificate(step: str, address: reach.Address, settings: Mapping[str, str]) -> Finding:
    if address.scheme == "https" and settings.get("fingerprint"):
        return pinned(step, address, fingerprint=plain(settings["fingerprint"]))
    found = reach.certificate(step, address, ca_bundle=settings.get("ca_bundle", ""))
    return with_fingerprint(with_cipher_named(found), address)


def with_fingerprint(found: Finding, address: reach.Address) -> Finding:
    """One that is not believed can be named by its fingerprint: then whoever tests needs to see that."""
    if found.code not in UNTRUSTED:
        return found
    try:
        shown = readable(hashlib.sha256(shown_by(address)).hexdigest())
    except OSError:
        return found
    return replace(found, code=UNTRUSTED[reach.Code(found.code)], values={**found.values, "shown": shown})


def with_cipher_named(found: Finding) -> Finding:
    """Eucalyptus leaves ECDHE out unless it is told otherwise, and this machine's TLS wants it."""
    if found.state is FindingState.BAD and NO_CIPHER.search(found.detail):
        return replace(found, code=Code.NO_CIPHER)
    return found


def pinned(step: str, address: reach.Address, *, fingerprint: str) -> Finding:
    """Whether it is the very certificate that was named."""
    if not SHA256.fullmatch(fingerprint):
        return bad(step, Code.FINGERPRINT_ODD)
    try:
        certificate = shown_by(address)
    except OSError as error:
        found = bad(step, reach.Code.TLS_BROKEN, detail=str(error), host=address.host)
        return with_cipher_named(found)
    shown = hashlib.sha256(certificate).hexdigest()
    if shown != fingerprint:
        return bad(step, Code.FINGERPRINT_OTHER, host=address.host, shown=readable(shown))
    return ok(step, subject=f"SHA-256 {readable(shown)[:23]}…", ends=end_of(certificate))


def readable(fingerprint: str) -> str:
    """As openssl shows it."""
    return ":".join(re.findall("..", fingerprint)).upper()


def end_of(certificate: bytes) -> str:
    try:
        return f"{x509.load_der_x509_certificate(certificate).not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return "?"


def shown_by(address: reach.Address) -> bytes:
    """Its certificate (DER), whatever that is."""
    context: ssl.SSLContext = context_for(ca_bundle="", fingerprint="any")
    with (
        closing(create_connection((address.host, address.port), timeout=reach.WAIT_S)) as open_,
        closing(context.wrap_socket(open_, server_hostname=address.host)) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def skew_s(session: Session) -> float | None:
    """How far our clock is ahead of the cloud's. Asked without a signature: the time is in the refusal's header."""
    url = url_of("ec2", session.settings)
    answer = session.wire.post(url, body=b"Action=DescribeRegions&Version=2016-11-15", headers={"Content-Type": FORM})
    told = {name.lower(): value for name, value in answer.headers.items()}.get("date", "")
    try:
        return (datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds()
    except (ValueError, TypeError):
        return None
