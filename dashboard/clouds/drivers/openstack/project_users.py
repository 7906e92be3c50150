"""Users of ours in a project, and their application credentials.

An administrator cannot make an application credential for somebody else, and one of the administrator's own would have
the administrator's name in every log and die with that account. So users are made whose only role is `member` on one
project, and whose password nobody keeps: it is made anew whenever one is needed, used once to make an application
credential, and forgotten. A new password ends no application credential (only the tokens that are out, which are
fetched anew), and the end of the user ends them all.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import closing

from ...interface import AuthFailed, Refused, Unavailable
from .keystone import Keystone, Raw
from .session import Session

ROLE = "member"
TRIES = 4
"""Keystone counts whole seconds: a token of the second in which the password was changed counts as an old one."""

NOT_YET = "Could not find role assignment"
"""What Keystone says now and then of a role that it gave a moment ago."""

USER_OPTIONS = {"ignore_change_password_upon_first_use": True, "ignore_user_inactivity": True}
"""What a cloud wants of people: to change their password at once, and to show up now and then."""


class ProjectUsers:
    """Needs a session of the cloud's administrator. `name` is the user's, one for each use and project."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keystone = Keystone(session)

    def domain(self) -> Raw:
        return self._keystone.domain_named(self._session.settings.get("places_domain") or "Default")

    def find(self, name: str) -> Raw | None:
        return self._keystone.find("users", name=name, domain_id=self.domain()["id"])

    def beginning_with(self, name: str) -> tuple[Raw, ...]:
        """Keystone may leave the filter out of account, so each is looked at."""
        found = self._keystone.list("users", name__startswith=name, domain_id=self.domain()["id"])
        return tuple(user for user in found if user["name"].startswith(name))

    def remove(self, name: str) -> None:
        """Its application credentials and role go with it."""
        if user := self.find(name):
            self._keystone.delete(f"/users/{user['id']}")

    def credential(self, name: str, *, place_id: str, called: str, description: str, about: str) -> Raw:
        """A new application credential of that user, who is made where there is none.

        `called` is unique among the user's; `description` is the user's, `about` the credential's own.
        """
        role = self._keystone.role_named(ROLE)
        project = self._keystone.get("projects", place_id)
        domain = self.domain()
        password = _password()
        user = self._with(password, name=name, domain_id=domain["id"], description=description)
        self._keystone.put(f"/projects/{place_id}/users/{user['id']}/roles/{role['id']}")
        settings = self._settings_of(user, password=password, domain=domain, project=project)
        return _made(settings, user_id=user["id"], called=called, about=about)

    def _with(self, password: str, *, name: str, domain_id: str, description: str) -> Raw:
        """Our user, who has this password from now on."""
        if user := self._keystone.find("users", name=name, domain_id=domain_id):
            self._keystone.change("users", user["id"], password=password)
            return user
        return self._keystone.create(
            "users",
            name=name,
            domain_id=domain_id,
            password=password,
            description=description,
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


def _made(settings: Mapping[str, str], *, user_id: str, called: str, about: str) -> Raw:
    """Made by the user for itself; restricted, so that it can neither make nor end others."""
    wanted = {"name": called, "roles": [{"name": ROLE}], "unrestricted": False, "description": about}
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
