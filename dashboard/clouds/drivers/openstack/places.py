"""Places of tenants: projects, and what lets Skydeck into them: one user of ours in each, see project_users.py."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from ...interface import Credential, Reason, Refused, RemotePlace
from .errors import translated
from .keystone import Keystone, Raw
from .project_users import ProjectUsers
from .quotas import OpenStackQuotas
from .session import Session

TAG = "skydeck-"


class OpenStackPlaces:
    """Needs a session of the cloud's administrator."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keystone = Keystone(session)
        self._users = ProjectUsers(session)

    @translated("keystone")
    def list(self) -> Iterable[RemotePlace]:
        """Of all domains; of the one for tenants, where the administrator may not read more."""
        try:
            domains = {domain["id"]: domain["name"] for domain in self._keystone.list("domains")}
            projects = self._keystone.list("projects")
        except Refused as error:
            if error.reason is not Reason.POLICY:
                raise
            domain = self._users.domain()
            domains = {domain["id"]: domain["name"]}
            projects = self._keystone.list("projects", domain_id=domain["id"])
        return tuple(to_place(raw, domains=domains) for raw in projects if not raw.get("is_domain"))

    @translated("keystone")
    def create(self, *, mark: str, name: str) -> RemotePlace:
        domain = self._users.domain()
        project = self._keystone.find("projects", tags=TAG + mark, domain_id=domain["id"]) or self._keystone.create(
            "projects", name=name, domain_id=domain["id"], tags=[TAG + mark], description="Made by Skydeck."
        )
        return to_place(project, domains={domain["id"]: domain["name"]})

    @translated("keystone")
    def grant(self, place_id: str, *, label: str) -> Credential:
        made = self._users.credential(
            self._user_name(place_id),
            place_id=place_id,
            called=f"{label[:200]} {secrets.token_hex(4)}",
            description="Skydeck's work in one project.",
            about="Made by Skydeck.",
        )
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
        if user := self._users.find(self._user_name(place_id)):
            self._keystone.delete(f"/users/{user['id']}/application_credentials/{credential_id}")

    def used(self, place_id: str) -> Mapping[str, int]:
        """As Nova, Neutron and Cinder count it."""
        limits = OpenStackQuotas(self._session).get(place_id)
        return {word: limit.used for word, limit in limits.items() if limit.used is not None}

    @translated("keystone")
    def withdraw(self, place_id: str) -> None:
        """The user's application credentials and role go with it."""
        self._users.remove(self._user_name(place_id))

    def remove(self, place_id: str) -> None:
        """Not offered: Keystone deletes a project and leaves all that runs in it, of which no one service knows."""
        raise Refused("projects are not deleted", reason=Reason.POLICY, source="keystone")

    def _user_name(self, place_id: str) -> str:
        return user_name(place_id, region=self._session.settings.get("region", ""))


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
