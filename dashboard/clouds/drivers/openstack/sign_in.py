"""Signing people in with Keystone. Nothing of theirs is kept: no password, and every token is revoked after use.

A second factor: Keystone answers 401 to the right password, with a receipt. The receipt and the passcode are all that
the second call needs, so that the password is gone when the first one returns.

A person's roles are read by trading the unscoped token for one of each project, since only administrators may list
assignments, and only a token's own list has inherited, implied and group roles in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlencode

from keystoneauth1.access import AccessInfo
from keystoneauth1.exceptions import MissingAuthMethods
from keystoneauth1.identity import v3
from keystoneauth1.session import Session as KeystoneSession

from ...interface import (
    AuthFailed,
    CloudError,
    NotFound,
    Receipt,
    Refused,
    RemoteMembership,
    RemotePerson,
    RemotePlace,
)
from .errors import translated
from .transport import http_session

KNOWN_FACTORS = {"password", "totp"}
AT_ONCE = 8
"""Projects that are asked about at the same time."""


class OpenStackSignIn:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self._ca_bundle = settings.get("ca_bundle", "")
        url = settings["auth_url"].rstrip("/")
        self._url = url if url.endswith("/v3") else f"{url}/v3"

    def with_password(self, *, name: str, password: str, domain: str, address: str = "") -> RemotePerson | Receipt:
        shown = v3.Password(self._url, username=name, password=password, user_domain_name=domain, unscoped=True)
        with translated("keystone"), self._session(address) as session:
            try:
                access = shown.get_auth_ref(session)
            except MissingAuthMethods as error:
                return to_receipt(error)
            return self._person(session, access)

    def with_passcode(self, receipt: Receipt, *, passcode: str, address: str = "") -> RemotePerson:
        shown = v3.TOTP(self._url, user_id=receipt.user_id, passcode=passcode, unscoped=True)
        shown.add_method(v3.ReceiptMethod(receipt=receipt.token))
        with translated("keystone"), self._session(address) as session:
            return self._person(session, shown.get_auth_ref(session))

    def with_token(self, token: str, *, address: str = "") -> RemotePerson:
        shown = v3.Token(self._url, token=token, unscoped=True)
        with translated("keystone"), self._session(address) as session:
            access = shown.get_auth_ref(session)
            try:
                return self._person(session, access)
            finally:
                self._revoke(session, token)

    def whose(self, token: str) -> RemotePerson:
        with translated("keystone"), self._session("") as session:
            headers = {"X-Auth-Token": token, "X-Subject-Token": token}
            user = session.get(f"{self._url}/auth/tokens", headers=headers, authenticated=False, log=False).json()[
                "token"
            ]["user"]
            return RemotePerson(id=user["id"], name=user["name"], domain=user["domain"]["name"])

    def websso_url(self, *, url: str, protocol: str, origin: str) -> str:
        provider, _, name = protocol.rpartition("/")
        path = f"identity_providers/{quote(provider)}/protocols/{quote(name)}/websso" if provider else f"websso/{name}"
        return f"{url.rstrip('/') or self._url}/auth/OS-FEDERATION/{path}?{urlencode({'origin': origin})}"

    @contextmanager
    def _session(self, address: str) -> Iterator[KeystoneSession]:
        http = http_session(self._ca_bundle)
        try:
            yield KeystoneSession(session=http, user_agent="skydeck", original_ip=address or None, redirect=False)
        finally:
            http.close()

    def _person(self, session: KeystoneSession, access: AccessInfo) -> RemotePerson:
        """All about the owner of an unscoped token, which is revoked."""
        token = token_of(access)
        try:
            projects = [one for one in self._get(session, token, "projects")["projects"] if one.get("enabled", True)]
            with ThreadPoolExecutor(AT_ONCE) as threads:
                found = threads.map(lambda project: self._membership(session, token, project), projects)
                memberships = tuple(membership for membership in found if membership)
            return RemotePerson(
                id=access.user_id or "",
                name=access.username or "",
                domain=access.user_domain_name or "",
                memberships=memberships,
                system_roles=self._system_roles(session, token),
            )
        finally:
            self._revoke(session, token)

    def _membership(self, session: KeystoneSession, token: str, project: Mapping[str, Any]) -> RemoteMembership | None:
        """None where the role was taken away, or the project disabled, this very moment."""
        with translated("keystone"):
            try:
                scoped = self._scoped(session, token, project_id=project["id"])
            except (AuthFailed, NotFound, Refused):
                return None
            place = RemotePlace(
                id=project["id"],
                name=scoped.project_name or project["name"],
                domain=scoped.project_domain_name or project["domain_id"],
            )
            return RemoteMembership(place=place, roles=frozenset(scoped.role_names or ()))

    def _system_roles(self, session: KeystoneSession, token: str) -> frozenset[str]:
        if not any("all" in scope for scope in self._get(session, token, "system")["system"]):
            return frozenset()
        try:
            return frozenset(self._scoped(session, token, system_scope="all").role_names or ())
        except (AuthFailed, NotFound, Refused):
            return frozenset()

    def _scoped(self, session: KeystoneSession, token: str, **scope: Any) -> AccessInfo:
        """What a token of this scope says; it is revoked before anybody could use it."""
        with translated("keystone"):
            access = v3.Token(self._url, token=token, include_catalog=False, **scope).get_auth_ref(session)
        self._revoke(session, token_of(access))
        return access

    def _get(self, session: KeystoneSession, token: str, what: str) -> dict[str, Any]:
        headers = {"X-Auth-Token": token, "Accept": "application/json"}
        found: dict[str, Any] = session.get(
            f"{self._url}/auth/{what}", headers=headers, authenticated=False, log=False
        ).json()
        return found

    def _revoke(self, session: KeystoneSession, token: str) -> None:
        """One that is over already is as good."""
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        with suppress(CloudError), translated("keystone"):
            session.delete(f"{self._url}/auth/tokens", headers=headers, authenticated=False, log=False)


def token_of(access: AccessInfo) -> str:
    return access.auth_token or ""


def to_receipt(error: MissingAuthMethods) -> Receipt:
    """Raises Refused where another factor than a passcode is wanted."""
    if not any(set(rule) <= KNOWN_FACTORS for rule in error.required_auth_methods):
        wanted = "; ".join(" and ".join(rule) for rule in error.required_auth_methods)
        raise Refused(f"it wants {wanted}", source="keystone", http_status=401)
    user_id = error.response.json()["receipt"]["user"]["id"]
    return Receipt(token=str(error.receipt), user_id=user_id, expires_at=error.expires_at)
