"""Testing a connection, step by step, in the order in which one thing needs the other.

    address → dns → tcp → tls → version → sign-in → catalogue      the first that is bad ends the row
    clock                                                        beside them
    compute network image block-storage placement object-store   each for itself
    rights, quota

What comes after a step that went wrong is skipped and said so: one fault, one line in red.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from ...interface import CloudError, Finding, FindingState
from .. import reach
from ..finding import bad, ok, skipped, timed, warning
from . import diagnose_services
from .diagnose_sign_in import sign_in
from .errors import words_of
from .finding_codes import Code
from .session import Session, v3_url
from .transport import CONNECT_S, http_session

Step = Callable[[], Finding]

VERSION_S = 10.0
MOST_SKEW_S = 30


def diagnose(settings: Mapping[str, str]) -> Iterator[Finding]:
    with closing(Diagnosis(settings)) as diagnosis:
        yield from diagnosis.run()


class Diagnosis:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings
        self.address = reach.address_of(settings.get("auth_url", ""))
        self.session: Session | None = None
        self.skew_s: float | None = None

    def close(self) -> None:
        if self.session:
            self.session.close()

    def run(self) -> Iterator[Finding]:
        """A row of steps that need each other, then those that only need all of the row."""
        is_open = True
        for name, step in self._row():
            finding = _ask(name, step) if is_open else skipped(name)
            yield finding
            is_open = is_open and finding.state is not FindingState.BAD and finding.code != Code.NO_CREDENTIAL
        for name, step in self._rest():
            yield _ask(name, step) if is_open else skipped(name)

    def _row(self) -> Iterator[tuple[str, Step]]:
        yield "address", self._address
        yield "dns", lambda: reach.name("dns", self._where())
        yield "tcp", lambda: reach.port("tcp", self._where())
        yield "tls", lambda: reach.certificate("tls", self._where(), ca_bundle=self.settings.get("ca_bundle", ""))
        yield "version", self._version
        yield "clock", self._clock
        yield "sign-in", lambda: sign_in(self._session())
        yield "catalogue", lambda: diagnose_services.catalogue(self._session())

    def _rest(self) -> Iterator[tuple[str, Step]]:
        for service in diagnose_services.SERVICES:
            yield service, lambda service=service: diagnose_services.service(self._session(), service)  # type: ignore[misc]
        yield "rights", lambda: diagnose_services.rights(self._session())
        yield "quota", lambda: diagnose_services.quota(self._session())

    def _where(self) -> reach.Address:
        assert self.address, "the first step has looked at it"
        return self.address

    def _session(self) -> Session:
        """A fresh one: an old token would hide that the password is wrong by now."""
        self.session = self.session or Session(self.settings)
        return self.session

    def _address(self) -> Finding:
        if self.address is None:
            return bad("address", Code.ADDRESS_ODD)
        ca_bundle = self.settings.get("ca_bundle", "")
        if ca_bundle.strip() and not reach.is_pem(ca_bundle):
            return bad("address", reach.Code.CA_NOT_PEM)
        return ok("address", host=self.address.host, port=str(self.address.port))

    def _version(self) -> Finding:
        url = self.settings["auth_url"].strip()
        try:
            with closing(http_session(self.settings.get("ca_bundle", ""))) as http:
                answer = http.get(v3_url(url), timeout=(CONNECT_S, VERSION_S))
        except requests.RequestException as error:
            return bad("version", reach.Code.NO_ANSWER, detail=str(error), **_host_and_port(self._where()))
        self.skew_s = _skew_s(answer)
        return version_in(answer)

    def _clock(self) -> Finding:
        if self.skew_s is None:
            return ok("clock")
        seconds = str(round(abs(self.skew_s)))
        return ok("clock", seconds=seconds) if abs(self.skew_s) <= MOST_SKEW_S else _clock_off(self.skew_s, seconds)


def version_in(answer: requests.Response) -> Finding:
    """What the address of Keystone v3 said about itself."""
    said = {"status": str(answer.status_code), "url": answer.url}
    if answer.status_code >= 500:
        return bad("version", Code.SERVER_ERROR, detail=words_of(answer), **said)
    if "html" in answer.headers.get("Content-Type", "") or answer.text.lstrip().startswith("<"):
        return bad("version", Code.WEB_PAGE, **said)
    versions = _versions(answer)
    if any(_is_keystone(version) and str(version.get("id", "")).startswith("v3") for version in versions):
        newest = max(str(version["id"]) for version in versions if str(version.get("id", "")).startswith("v3"))
        return ok("version", version=newest)
    if any(_is_keystone(version) for version in versions):
        return bad("version", Code.V2_ONLY, **said)
    code = Code.WRONG_PATH if answer.status_code == 404 else Code.NOT_KEYSTONE
    return bad("version", code, detail=words_of(answer), **said)


def _versions(answer: requests.Response) -> list[dict[str, Any]]:
    """{"version": {...}} of one, {"versions": {"values": [...]}} of all; [] for anything else."""
    try:
        body = answer.json()
    except ValueError:
        return []
    if not isinstance(body, dict):
        return []
    found = body.get("version") or body.get("versions") or []
    if isinstance(found, dict):
        found = found.get("values", [found])
    return [version for version in found if isinstance(version, dict)] if isinstance(found, list) else []


def _is_keystone(version: Mapping[str, Any]) -> bool:
    """Cinder has a v3 too; the media types tell whose it is."""
    return "identity" in str(version.get("media-types", "identity"))


def _skew_s(answer: requests.Response) -> float | None:
    """How far ahead of ours the cloud's clock is; the header counts whole seconds."""
    try:
        told = parsedate_to_datetime(answer.headers.get("Date", ""))
        return (told - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None


def _clock_off(skew_s: float, seconds: str) -> Finding:
    return warning("clock", Code.CLOCK_OFF, seconds=seconds, direction="ahead" if skew_s > 0 else "behind")


def _host_and_port(address: reach.Address) -> dict[str, str]:
    return {"host": address.host, "port": str(address.port)}


def _ask(name: str, step: Step) -> Finding:
    """The step's finding, with how long it took. A cloud that fails in a way of its own is a finding too."""

    def ask() -> Finding:
        try:
            return step()
        except CloudError as error:
            return bad(name, Code.SERVICE_AWAY, detail=error.detail, status=str(error.http_status))

    return timed(ask)
