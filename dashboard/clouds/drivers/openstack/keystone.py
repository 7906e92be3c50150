"""How Keystone is asked by an administrator: whole lists, domains by name, users of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...interface import NotFound, Reason, Refused, Unavailable
from .errors import translated
from .session import Session

Raw = Mapping[str, Any]


class Keystone:
    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self, kind: str, **filters: str) -> tuple[Raw, ...]:
        """All that match: complete, or an error. `kind` is a path of Keystone's, such as `projects`."""
        found: list[Raw] = []
        inside = kind.rpartition("/")[2]
        params = dict(filters)
        while True:
            answer = self._session.get("identity", f"/{kind}", params=params)
            with translated("keystone"):
                found += answer[inside]
                if answer.get("truncated"):
                    raise Unavailable(f"Keystone's list_limit cuts off its list of {kind}", source="keystone")
                if not (answer.get("links") or {}).get("next") or not answer[inside]:
                    return tuple(found)
                params["marker"] = found[-1]["id"]

    def find(self, kind: str, **filters: str) -> Raw | None:
        """The first that matches."""
        found = self.list(kind, **filters)
        return found[0] if found else None

    def get(self, kind: str, remote_id: str) -> Raw:
        return self._only(kind, self._session.get("identity", f"/{kind}/{remote_id}"))

    def create(self, kind: str, **fields: Any) -> Raw:
        return self._only(kind, self._session.post("identity", f"/{kind}", json={_one(kind): fields}))

    def change(self, kind: str, remote_id: str, **fields: Any) -> None:
        self._session.answer("PATCH", "identity", f"/{kind}/{remote_id}", json={_one(kind): fields})

    def put(self, path: str) -> None:
        self._session.put("identity", path)

    def delete(self, path: str) -> None:
        """What is gone already is success."""
        try:
            self._session.delete("identity", path)
        except NotFound:
            return

    def domain_named(self, name: str) -> Raw:
        """Raises Refused when there is none."""
        domain = self.find("domains", name=name)
        if domain is None:
            raise Refused(f"there is no domain named {name}", reason=Reason.INVALID, source="keystone")
        return domain

    def role_named(self, name: str) -> Raw:
        """Of all domains. Raises Refused when there is none."""
        role = self.find("roles", name=name)
        if role is None:
            raise Refused(f"there is no role named {name}", reason=Reason.INVALID, source="keystone")
        return role

    def _only(self, kind: str, answer: Raw) -> Raw:
        with translated("keystone"):
            found: Raw = answer[_one(kind)]
            return found


def _one(kind: str) -> str:
    """`projects` holds a `project`; of a longer path its end counts."""
    return kind.rpartition("/")[2].removesuffix("s")
