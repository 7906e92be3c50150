"""Where servers go: availability zones and server groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...interface import NotFound, RemoteServerGroup
from .errors import translated
from .session import Session

GROUPS = "2.64"
"""The first with one policy instead of a list of them."""


class OpenStackPlacing:
    def __init__(self, session: Session) -> None:
        self.session = session

    def zones(self) -> tuple[str, ...]:
        """Those that take servers just now."""
        with translated("nova"):
            found = self.session.get("compute", "/os-availability-zone")["availabilityZoneInfo"]
            return tuple(sorted(zone["zoneName"] for zone in found if zone["zoneState"]["available"]))

    def groups(self) -> tuple[RemoteServerGroup, ...]:
        with translated("nova"):
            found = self.session.get("compute", "/os-server-groups", microversion=GROUPS)["server_groups"]
            return tuple(to_group(group) for group in found)

    def create_group(self, *, name: str, policy: str) -> RemoteServerGroup:
        for group in self.groups():
            if (group.name, group.policy) == (name, policy):
                return group
        with translated("nova"):
            body = {"server_group": {"name": name, "policy": policy}}
            answer = self.session.post("compute", "/os-server-groups", json=body, microversion=GROUPS)
            return to_group(answer["server_group"])

    def delete_group(self, group_id: str) -> None:
        try:
            self.session.delete("compute", f"/os-server-groups/{group_id}")
        except NotFound:
            return


def to_group(group: Mapping[str, Any]) -> RemoteServerGroup:
    return RemoteServerGroup(id=group["id"], name=group["name"], policy=group["policy"])
