"""Version 4 signatures, in the header or in the address, recomputed with botocore's own signers."""

from __future__ import annotations

import calendar
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .accounts import Key
from .cloud import Cloud
from .errors import NotServed

AHEAD_S, BEHIND_S, GRACE_S = 20, 15 * 60, 20
LONGEST_S = 604800
IN_THE_ADDRESS = {"Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token"}


@dataclass
class Signed:
    key_id: str
    date: str
    region: str
    service: str
    headers: list[str]
    signature: str
    moment: str
    token: str
    lasts_s: int | None = None
    """Of a presigned address."""


def without_signature(query: str) -> dict[str, str]:
    ours = {f"X-Amz-{name}" for name in IN_THE_ADDRESS}
    return {name: value for name, value in parse_qsl(query, keep_blank_values=True) if name not in ours}


def read(query: str, headers: Mapping[str, str]) -> Signed:
    found = dict(parse_qsl(query, keep_blank_values=True))
    try:
        return _in_the_address(found) if "X-Amz-Signature" in found else _in_the_header(headers)
    except (KeyError, ValueError):
        raise NotServed(403, "Failed to authenticate: no signature of version 4 was found") from None


def _in_the_address(found: Mapping[str, str]) -> Signed:
    if found["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256":
        raise ValueError
    key_id, date, region, service, _ = found["X-Amz-Credential"].split("/")
    names, token = found["X-Amz-SignedHeaders"].split(";"), found.get("X-Amz-Security-Token", "")
    moment, lasts_s = found["X-Amz-Date"], int(found.get("X-Amz-Expires", 900))
    return Signed(key_id, date, region, service, names, found["X-Amz-Signature"], moment, token, lasts_s)


def _in_the_header(headers: Mapping[str, str]) -> Signed:
    scheme, _, rest = headers.get("Authorization", "").partition(" ")
    moment, token = headers.get("X-Amz-Date", ""), headers.get("X-Amz-Security-Token", "")
    if scheme != "AWS4-HMAC-SHA256" or not moment:
        raise ValueError
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key_id, date, region, service, _ = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    return Signed(key_id, date, region, service, names, parts["Signature"], moment, token)


def verify(cloud: Cloud, service: str, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Key:
    """The key that signed; a refusal before the service otherwise."""
    query = urlsplit(target).query
    signed = read(query, headers)
    key = known_key(cloud, signed)
    _check_date(cloud, signed)
    if signed.service != service or "host" not in signed.headers:
        raise NotServed(403, "Signature validation failed: scope or headers")
    request = _as_signed(signed, method, target, headers, body)
    signer = _signer(signed, service, Credentials(key.id, key.secret, key.token or None))
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if not hmac.compare_digest(expected, signed.signature):
        raise NotServed(403, "Signature validation failed")
    return key


def known_key(cloud: Cloud, signed: Signed) -> Key:
    key = cloud.accounts.keys.get(signed.key_id)
    if key is None:
        raise NotServed(403, f"Invalid access key or token: {signed.key_id}")
    if not key.is_active:
        raise NotServed(403, f"Access key is not active: {signed.key_id}")
    if not hmac.compare_digest(key.token, signed.token):
        raise NotServed(403, "Invalid security token")
    if key.ends is not None and cloud.clock.now() > key.ends:
        raise NotServed(403, "Security token has expired")
    return key


def _check_date(cloud: Cloud, signed: Signed) -> None:
    try:
        moment = calendar.timegm(time.strptime(signed.moment, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise NotServed(403, f"Invalid date: {signed.moment}") from None
    ahead_s = moment - (time.time() + cloud.faults.clock_ahead_s)
    if signed.moment[:8] != signed.date or ahead_s > AHEAD_S:
        raise NotServed(403, "Message is not yet valid: the date of the signature is in the future")
    if signed.lasts_s is None:
        if -ahead_s > BEHIND_S:
            raise NotServed(403, "Message has expired: the date of the signature is too old")
    elif not 1 <= signed.lasts_s <= LONGEST_S:
        raise NotServed(403, "X-Amz-Expires must be between 1 and 604800")
    elif cloud.clock.now() + cloud.faults.clock_ahead_s > moment + signed.lasts_s + GRACE_S:
        raise NotServed(403, "Request has expired")


def _as_signed(signed: Signed, method: str, target: str, headers: Mapping[str, str], body: bytes) -> AWSRequest:
    """Only the headers that were signed, and the hash of the payload as the client gave it."""
    parts = urlsplit(target)
    pairs = [pair for pair in parts.query.split("&") if not pair.startswith("X-Amz-Signature=")]
    url = f"http://{headers['Host']}{parts.path}{'?' + '&'.join(pairs) if parts.query else ''}"
    chosen = {name: headers[name] for name in signed.headers if name in headers}
    request = AWSRequest(method, url, headers=chosen, data=body)
    request.context["timestamp"] = signed.moment
    return request


def _signer(signed: Signed, service: str, credentials: Credentials) -> SigV4Auth:
    if service != "s3":
        return SigV4Auth(credentials, service, signed.region)
    kind = S3SigV4Auth if signed.lasts_s is None else S3SigV4QueryAuth
    return kind(credentials, service, signed.region)
