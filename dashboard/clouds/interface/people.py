"""Signing people in with their account on a cloud. What lets them in is used once and forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .places import RemotePlace


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteMembership:
    """What somebody is in one place: the cloud's own names of roles, those that others imply included."""

    place: RemotePlace
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePerson:
    """Who somebody is, by the cloud's id: names can be given to somebody else."""

    id: str
    name: str
    domain: str
    memberships: tuple[RemoteMembership, ...] = ()
    system_roles: frozenset[str] = frozenset()
    """For the whole cloud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The cloud's proof that the password was right, for whoever still has to show a passcode. As secret as it."""

    token: str = field(repr=False)
    user_id: str
    expires_at: datetime


class SignIn(Protocol):
    """Each raises AuthFailed when what was shown is not accepted, and Unavailable when nobody answers.

    `address` is the browser's, for the cloud's own log.
    """

    def with_password(self, *, name: str, password: str, domain: str, address: str = "") -> RemotePerson | Receipt:
        """A Receipt where a passcode is wanted as well. Raises Refused where something else is."""
        ...

    def with_passcode(self, receipt: Receipt, *, passcode: str, address: str = "") -> RemotePerson: ...

    def with_token(self, token: str, *, address: str = "") -> RemotePerson:
        """With a token that the cloud gave to the browser. It is revoked."""
        ...

    def whose(self, token: str) -> RemotePerson:
        """Only whose it is, without memberships; the token stays good."""
        ...

    def websso_url(self, *, url: str, protocol: str, origin: str) -> str:
        """Where a browser begins. `url` is the cloud's as browsers reach it, empty: as we do; `protocol` may be
        `<identity provider>/<protocol>`."""
        ...
