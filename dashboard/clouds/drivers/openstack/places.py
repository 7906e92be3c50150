"""Places of tenants: projects, and what lets us into them.

An administrator cannot make an application credential for somebody else, and one of the administrator's own would have
the administrator's name in every log and die with that account. So each project gets one user of ours in each region,
whose only role is `member` on that project, and whose password nobody keeps: it is made anew whenever one is needed,
used once to make an application credential, and forgotten. A new password ends no application credential (only the
tokens that are out, which are fetched anew), and the end of the user ends them all.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import closing

from ...interface import AuthFailed, Credential, Reason, Refused, RemotePlace, Unavailable
from .errors import translated
from .keystone import Keystone, Raw
from .session import Session

ROLE = "member"
TAG = "skydeck-"
TRIES = 4
"""Keystone counts whole seconds: a token of the second in which the password was changed counts as an old one."""

NOT_YET = "Could not find role assignment"
"""What Keystone says now and then of a role that it gave a moment ago."""

USER_OPTIONS = {"ignore_change_password_upon_first_use": True, "ignore_user_inactivity": True}
"""What a cloud wants of people: to change their password at once, and to show up now and then."""


class OpenStackPlaces:
    """Needs a session of the cloud's administrator."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keystone = Keystone(session)

    @translated("keystone")
    def list(self) -> Iterable[RemotePlace]:
        """Of all domains; of the one for tenants, where the administrator may not read more."""
        try:
            domains = {domain["id"]: domain["name"] for domain in self._keystone.list("domains")}
            projects = self._keystone.list("projects")
        except Refused as error:
            if error.reason is not Reason.POLICY:
                raise
            domain = self._domain()
            domains = {domain["id"]: domain["name"]}
            projects = self._keystone.list("projects", domain_id=domain["id"])
        return tuple(to_place(raw, domains=domains) for raw in projects if not raw.get("is_domain"))

    @translated("keystone")
    def create(self, *, mark: str, name: str) -> RemotePlace:
        domain = self._domain()
        project = self._keystone.find("projects", tags=TAG + mark, domain_id=domain["id"]) or self._keystone.create(
            "projects", name=name, domain_id=domain["id"], tags=[TAG + mark], description="Made by Skydeck."
        )
        return to_place(project, domains={domain["id"]: domain["name"]})

    @translated("keystone")
    def grant(self, place_id: str, *, label: str) -> Credential:
        role = self._keystone.role_named(ROLE)
        project = self._keystone.get("projects", place_id)
        domain = self._domain()
        password = _password()
        user = self._user_with(password, place_id=place_id, domain_id=domain["id"])
        self._keystone.put(f"/projects/{place_id}/users/{user['id']}/roles/{role['id']}")
        settings = self._settings_of(user, password=password, domain=domain, project=project)
        made = _application_credential(settings, user_id=user["id"], label=label)
        return Credential(
            id=made["id"],
            settings={
                "application_credential_id": made["id"],
                "application_credential_secret": made["secret"],
                "place_id": place_id,
            },
        )

    @translated("keystone")
    def revoke(self, place_id: str, *, credential_id: str) -> None:
        if user := self._user(place_id, domain_id=self._domain()["id"]):
            self._keystone.delete(f"/users/{user['id']}/application_credentials/{credential_id}")

    @translated("keystone")
    def withdraw(self, place_id: str) -> None:
        """The user's application credentials and role go with it."""
        if user := self._user(place_id, domain_id=self._domain()["id"]):
            self._keystone.delete(f"/users/{user['id']}")

    def _domain(self) -> Raw:
        return self._keystone.domain_named(self._session.settings.get("places_domain") or "Default")

    def _user_name(self, place_id: str) -> str:
        return user_name(place_id, region=self._session.settings.get("region", ""))

    def _user(self, place_id: str, *, domain_id: str) -> Raw | None:
        return self._keystone.find("users", name=self._user_name(place_id), domain_id=domain_id)

    def _user_with(self, password: str, *, place_id: str, domain_id: str) -> Raw:
        """Our user of the place, who has this password from now on."""
        if user := self._user(place_id, domain_id=domain_id):
            self._keystone.change("users", user["id"], password=password)
            return user
        return self._keystone.create(
            "users",
            name=self._user_name(place_id),
            domain_id=domain_id,
            password=password,
            description="Skydeck's work in one project.",
            options=USER_OPTIONS,
        )

    def _settings_of(self, user: Raw, *, password: str, domain: Raw, project: Raw) -> Mapping[str, str]:
        """The connection as our user; the rest of it is the administrator's."""
        kept = {key: self._session.settings.get(key, "") for key in ("auth_url", "region", "interface", "ca_bundle")}
        project_domain = self._keystone.get("domains", project["domain_id"])
        return kept | {
            "username": user["name"],
            "password": password,
            "user_domain": domain["name"],
            "project": project["name"],
            "project_domain": project_domain["name"],
        }


def user_name(place_id: str, *, region: str) -> str:
    """Of each region one: Keystone is common to them all, and to end the work in one must not end it in the others."""
    return f"skydeck-{place_id}" + (f"-{region}" if region else "")


def to_place(raw: Raw, *, domains: Mapping[str, str]) -> RemotePlace:
    tags: list[str] = raw.get("tags") or []
    return RemotePlace(
        id=raw["id"],
        name=raw["name"],
        domain=domains.get(raw["domain_id"], raw["domain_id"]),
        is_enabled=bool(raw.get("enabled", True)),
        mark=next((tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG)), ""),
    )


def _application_credential(settings: Mapping[str, str], *, user_id: str, label: str) -> Raw:
    """Made by the user for itself; restricted, so that it can neither make nor end others."""
    wanted = {
        "name": f"{label[:200]} {secrets.token_hex(4)}",
        "roles": [{"name": ROLE}],
        "unrestricted": False,
        "description": "Made by Skydeck.",
    }
    said = ""
    for _ in range(TRIES):
        with closing(Session(settings)) as session:
            try:
                return Keystone(session).create(f"users/{user_id}/application_credentials", **wanted)
            except AuthFailed as error:
                said = error.detail
            except Refused as error:
                if NOT_YET not in error.detail:
                    raise
                said = error.detail
        time.sleep(1)
    # not AuthFailed: that would speak of the administrator's own credential, which is good
    raise Unavailable(f"our user of the place was not let in: {said}", source="keystone")


def _password() -> str:
    """Random; the end of it pleases rules about kinds of characters."""
    return secrets.token_urlsafe(48) + "aA1!"
