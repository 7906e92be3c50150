"""What testing a connection can find. The words for each are written above the driver line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from time import monotonic

from ...interface import Finding, FindingState


class Code(StrEnum):
    ADDRESS_ODD = "address-odd"
    CA_NOT_PEM = "ca-not-pem"
    HOST_UNKNOWN = "host-unknown"
    NAMES_AWAY = "names-away"
    PORT_CLOSED = "port-closed"
    NO_ANSWER = "no-answer"
    UNREACHABLE = "unreachable"
    UNENCRYPTED = "unencrypted"
    TLS_PLAIN = "tls-plain"
    TLS_BROKEN = "tls-broken"
    TLS_EXPIRED = "tls-expired"
    TLS_NOT_YET = "tls-not-yet"
    TLS_SOON_OVER = "tls-soon-over"
    TLS_WRONG_NAME = "tls-wrong-name"
    TLS_UNKNOWN_ISSUER = "tls-unknown-issuer"
    TLS_SELF_SIGNED = "tls-self-signed"
    WEB_PAGE = "web-page"
    NOT_KEYSTONE = "not-keystone"
    V2_ONLY = "v2-only"
    WRONG_PATH = "wrong-path"
    SERVER_ERROR = "server-error"
    CLOCK_OFF = "clock-off"
    NO_CREDENTIAL = "no-credential"
    WRONG_USER = "wrong-user"
    WRONG_PROJECT = "wrong-project"
    NO_PROJECT = "no-project"
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105
    SECOND_FACTOR = "second-factor"
    CREDENTIAL_GONE = "credential-gone"
    CREDENTIAL_WRONG = "credential-wrong"
    SIGN_IN_REFUSED = "sign-in-refused"
    REGION_UNKNOWN = "region-unknown"
    REGION_MISSING = "region-missing"
    INTERFACE_MISSING = "interface-missing"
    SERVICE_MISSING = "service-missing"
    SERVICE_ABSENT = "service-absent"
    ENDPOINT_UNREACHABLE = "endpoint-unreachable"
    SERVICE_AWAY = "service-away"
    SERVICE_REFUSED = "service-refused"
    RIGHTS_NONE = "rights-none"
    RIGHTS_READER = "rights-reader"
    RIGHTS_MEMBER = "rights-member"
    RIGHTS_PARTIAL = "rights-partial"
    RIGHTS_TOO_MANY = "rights-too-many"
    QUOTA_UNREADABLE = "quota-unreadable"


def ok(step: str, **values: str) -> Finding:
    return Finding(step=step, state=FindingState.OK, values=values)


def warning(step: str, code: Code, *, detail: str = "", **values: str) -> Finding:
    return Finding(step=step, state=FindingState.WARNING, code=code, detail=detail, values=values)


def bad(step: str, code: Code, *, detail: str = "", **values: str) -> Finding:
    return Finding(step=step, state=FindingState.BAD, code=code, detail=detail, values=values)


def skipped(step: str) -> Finding:
    return Finding(step=step, state=FindingState.SKIPPED)


def timed(ask: Callable[[], Finding]) -> Finding:
    began = monotonic()
    finding = ask()
    return replace(finding, took_s=round(monotonic() - began, 3))
