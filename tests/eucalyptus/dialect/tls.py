"""A self-signed certificate, as a fresh cloud has one, and what the server offers with it."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

KINDS = {"modern", "rsa-only", "wrong-name"}
RSA_KEY_EXCHANGE = "AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-SHA:AES128-SHA:@SECLEVEL=1"


def context(kind: str, place: Path) -> ssl.SSLContext:
    """Up to TLS 1.2. The certificate is written to `place` for the client; the key stays beside it."""
    if kind not in KINDS:
        raise ValueError(f"no such TLS: {kind}")
    key_place = place.with_suffix(".key")
    _write(place, key_place, host="other.example.org" if kind == "wrong-name" else "127.0.0.1")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    if kind == "rsa-only":
        made.set_ciphers(RSA_KEY_EXCHANGE)
    made.load_cert_chain(place, key_place)
    return made


def _write(place: Path, key_place: Path, *, host: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = serialization.Encoding.PEM
    place.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    key_place.write_bytes(key.private_bytes(pem, *plain))


def _names(host: str) -> list[x509.GeneralName]:
    if host == "127.0.0.1":
        return [x509.IPAddress(ipaddress.ip_address(host)), x509.DNSName("localhost")]
    return [x509.DNSName(host)]
