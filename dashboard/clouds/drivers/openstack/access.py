"""Keys of people into projects: application credentials of a user of ours, one user for each person and project.

So the end of one person's is the end of nobody else's, and the project's logs say whose a call was. The user's name
begins with that of our own user in the project, and ends with the person: `skydeck-<project>-<region>:<person>`.
"""

from __future__ import annotations

from ...interface import IssuedKey
from .errors import translated
from .keystone import Keystone, Raw
from .places import user_name
from .project_users import ProjectUsers
from .session import Session

PREFIX = "skydeck-"
KIND = "application_credentials"


class OpenStackAccess:
    """Needs a session of the cloud's administrator."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keystone = Keystone(session)
        self._users = ProjectUsers(session)

    @translated("keystone")
    def issue(self, place_id: str, *, person: str, mark: str, label: str) -> IssuedKey:
        self.revoke(place_id, person=person, mark=mark)
        made = self._users.credential(
            self._name(place_id, person),
            place_id=place_id,
            called=PREFIX + mark,
            description=f"Skydeck, for one person's own tools: {label}"[:200],
            about=f"Made by Skydeck for {label}"[:200],
        )
        secret = {"application_credential_id": made["id"], "application_credential_secret": made["secret"]}
        return IssuedKey(id=made["id"], secret=secret)

    @translated("keystone")
    def revoke(self, place_id: str, *, person: str, mark: str) -> None:
        if user := self._users.find(self._name(place_id, person)):
            for one in self._marked(user, mark):
                self._keystone.delete(f"/users/{user['id']}/{KIND}/{one['id']}")

    @translated("keystone")
    def end(self, place_id: str, *, person: str) -> None:
        self._users.remove(self._name(place_id, person))

    @translated("keystone")
    def end_all(self, place_id: str) -> None:
        for user in self._users.beginning_with(self._name(place_id, "")):
            self._keystone.delete(f"/users/{user['id']}")

    def _marked(self, user: Raw, mark: str) -> list[Raw]:
        made = self._keystone.list(f"users/{user['id']}/{KIND}", name=PREFIX + mark)
        return [one for one in made if one["name"] == PREFIX + mark]

    def _name(self, place_id: str, person: str) -> str:
        return f"{user_name(place_id, region=self._session.settings.get('region', ''))}:{person}"
