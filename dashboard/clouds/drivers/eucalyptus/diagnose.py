"""Testing a connection, step by step, in the order in which one thing needs the other.

    address → dns → tcp → tls → clock → caller → release     the first that is bad ends the row
    platforms regions zones types                             each for itself
    accounts tokens                                           only with the cloud's own key: what it may

What comes after a step that went wrong is skipped and said so: one fault, one line in red. Nothing that is asked here
changes anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace

from ...interface import AuthFailed, CloudError, Finding, FindingState, Refused, Unavailable
from .. import reach
from ..finding import bad, ok, skipped, timed
from . import errors, markup
from .diagnose_reach import address_in, certificate, not_local, skew_s
from .ec2 import Ec2
from .finding_codes import Code
from .flavors import EucalyptusFlavors
from .iam import Iam
from .placing import EucalyptusPlacing
from .session import Session

Step = Callable[[], Finding]
MOST_AHEAD_S, MOST_BEHIND_S = 20, 15 * 60
"""How far the time of a request may be from the cloud's own, as Eucalyptus checks it."""
KEYS = (
    (r"expired|not yet valid|clock|timestamp|date of the", Code.CLOCK_REFUSED),
    (errors.INACTIVE, Code.KEY_INACTIVE),
    (errors.UNKNOWN, Code.KEY_UNKNOWN),
    (errors.SIGNATURE, Code.SIGNATURE_WRONG),
)
"""What a refused sign-in says, in the cloud's own words: its codes do not tell them apart."""


def diagnose(settings: Mapping[str, str]) -> Iterator[Finding]:
    with closing(Diagnosis(settings)) as diagnosis:
        yield from diagnosis.run()


class Diagnosis:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = dict(settings)
        self.address = address_in(settings)
        self.session = Session({**settings, "release": ""}) if self.address else None
        self.user_id = ""

    def close(self) -> None:
        if self.session:
            self.session.close()

    def run(self) -> Iterator[Finding]:
        """A row of steps that need each other, then those that only need all of the row."""
        is_open = True
        for name, step in self._row():
            finding = _ask(name, step) if is_open else skipped(name)
            yield finding
            is_open = is_open and finding.state is not FindingState.BAD and finding.code != Code.NO_KEY
        for name, step in self._rest():
            yield _ask(name, step) if is_open else skipped(name)

    def _row(self) -> Iterator[tuple[str, Step]]:
        yield "address", self._address
        yield "dns", self._dns
        yield "tcp", self._tcp
        yield "tls", lambda: certificate("tls", self._where(), self.settings)
        yield "clock", self._clock
        yield "caller", self._sign_in
        yield "release", self._release

    def _rest(self) -> Iterator[tuple[str, Step]]:
        yield "platforms", self._platforms
        yield "regions", self._regions
        yield "zones", self._zones
        yield "types", self._types
        if not self.settings.get("place_id"):
            yield "accounts", self._accounts
            yield "tokens", self._tokens

    def _where(self) -> reach.Address:
        assert self.address, "the first step has looked at it"
        return self.address

    def _known(self) -> Session:
        assert self.session, "the first step has looked at the address"
        return self.session

    # --- the way there

    def _address(self) -> Finding:
        if self.address is None:
            return bad("address", Code.ADDRESS_ODD)
        ca_bundle = self.settings.get("ca_bundle", "")
        if ca_bundle.strip() and not reach.is_pem(ca_bundle):
            return bad("address", reach.Code.CA_NOT_PEM)
        return ok("address", host=self.address.host, port=str(self.address.port))

    def _dns(self) -> Finding:
        found = reach.name("dns", self._where())
        if found.state is FindingState.BAD or self.settings.get("allow_local") == "yes":
            return found
        return not_local(found)

    def _tcp(self) -> Finding:
        found = reach.port("tcp", self._where())
        return replace(found, code=Code.PORT_CLOSED) if found.code == reach.Code.PORT_CLOSED else found

    def _clock(self) -> Finding:
        """By what the cloud says is the time in any answer of its own, be it a refusal."""
        ahead_s = skew_s(self._known())
        if ahead_s is None:
            return ok("clock")
        said = {"seconds": str(round(abs(ahead_s)))}
        if ahead_s > MOST_AHEAD_S:
            return bad("clock", Code.CLOCK_AHEAD, **said)
        if ahead_s < -MOST_BEHIND_S:
            return bad("clock", Code.CLOCK_BEHIND, **said)
        return ok("clock", **said)

    # --- who we are, and what it is

    def _sign_in(self) -> Finding:
        if not self._known().has_credential:
            return Finding(step="caller", state=FindingState.WARNING, code=Code.NO_KEY)
        found = self._known().sts("GetCallerIdentity")
        self.user_id = markup.text(found, "UserId")
        said = {"account": markup.text(found, "Account"), "arn": markup.text(found, "Arn")}
        return ok("caller", **said)

    def _release(self) -> Finding:
        """Always warned of: what is offered here was built from Eucalyptus' sources, and no cloud has proved it yet."""
        found, told = self._known().release, self.settings.get("release", "")
        if told in ("4.4", "5.1") and told != found:
            return _warned("release", Code.RELEASE_OTHER, found=found, told=told)
        return _warned("release", Code.NEVER_TRIED, release=found)

    def _platforms(self) -> Finding:
        found = self._known().attribute("supported-platforms")
        return ok("platforms", platforms=", ".join(found), mode="VPC" if "VPC" in found else "EDGE")

    def _regions(self) -> Finding:
        rows = Ec2(self._known()).rows("describe_regions", "Regions")
        return ok("regions", regions=", ".join(sorted(row.get("RegionName") or "-" for row in rows)))

    def _zones(self) -> Finding:
        zones = EucalyptusPlacing(Ec2(self._known())).zones()
        return ok("zones", zones=", ".join(zones)) if zones else bad("zones", Code.NO_ZONE)

    def _types(self) -> Finding:
        return ok("types", count=str(len(EucalyptusFlavors(self._known()).list())))

    # --- what the cloud's own key may

    def _accounts(self) -> Finding:
        try:
            found = sum(1 for _ in Iam(self._known()).accounts())
        except Refused as error:
            return _warned("accounts", Code.NOT_ADMINISTRATOR, detail=error.detail)
        return ok("accounts", count=str(found))

    def _tokens(self) -> Finding:
        """For the very user whose key it is: nobody else is troubled."""
        if self.settings.get("enters_by") == "key":
            return ok("tokens")
        try:
            self._known().sts("GetImpersonationToken", UserId=self.user_id, DurationSeconds="900")
        except Refused as error:
            return _warned("tokens", Code.NO_TOKENS, detail=error.detail)
        return ok("tokens")


def _warned(step: str, code: Code, *, detail: str = "", **values: str) -> Finding:
    return Finding(step=step, state=FindingState.WARNING, code=code, detail=detail, values=values)


def _ask(name: str, step: Step) -> Finding:
    """The step's finding, with how long it took. A cloud that fails in a way of its own is a finding too."""

    def ask() -> Finding:
        try:
            return step()
        except CloudError as error:
            return bad(name, code_of(error), detail=error.detail, status=str(error.http_status))

    return timed(ask)


def code_of(error: CloudError) -> Code:
    if isinstance(error, AuthFailed):
        return next((code for pattern, code in KEYS if re.search(pattern, error.detail, re.IGNORECASE)), Code.KEY_WRONG)
    if isinstance(error, Unavailable):
        return Code.NOT_EUCALYPTUS if "not understood" in error.detail else Code.SERVICE_AWAY
    return Code.REFUSED
