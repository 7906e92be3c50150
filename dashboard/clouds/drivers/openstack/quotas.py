"""The cloud's own limits of a project: Nova's, Neutron's and Cinder's, in our words.

A project reads its own through `limits` of Nova and Cinder, which every role may, and from Neutron, which older ones
tell administrators only. Of other projects an administrator reads and writes the quotas themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...interface import Limit, NotFound, Refused
from .errors import translated
from .session import SOURCES, Session

WORDS: dict[str, dict[str, str]] = {
    "compute": {
        "instances": "instances",
        "vcpus": "cores",
        "ram_mib": "ram",
        "key_pairs": "key_pairs",
        "server_groups": "server_groups",
    },
    "block-storage": {"volumes": "volumes", "volume_gib": "gigabytes", "snapshots": "snapshots"},
    "network": {
        "networks": "network",
        "subnets": "subnet",
        "routers": "router",
        "ports": "port",
        "security_groups": "security_group",
        "security_group_rules": "security_group_rule",
        "floating_ips": "floatingip",
    },
}
"""Our words and the service's, of each service."""

LIMITS: dict[str, dict[str, tuple[str, str]]] = {
    "compute": {
        "instances": ("maxTotalInstances", "totalInstancesUsed"),
        "vcpus": ("maxTotalCores", "totalCoresUsed"),
        "ram_mib": ("maxTotalRAMSize", "totalRAMUsed"),
        "key_pairs": ("maxTotalKeypairs", ""),
        "server_groups": ("maxServerGroups", "totalServerGroupsUsed"),
    },
    "block-storage": {
        "volumes": ("maxTotalVolumes", "totalVolumesUsed"),
        "volume_gib": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
        "snapshots": ("maxTotalSnapshots", "totalSnapshotsUsed"),
    },
}
"""The service's words for limit and use where a project asks for its own."""

UNCOUNTED = frozenset({"key_pairs"})
"""Belong to users and not to projects; Nova always says that none is in use."""

UNLIMITED = -1

Raw = Mapping[str, Any]


class OpenStackQuotas:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, place_id: str = "") -> Mapping[str, Limit]:
        services = [service for service in WORDS if self._session.has(service)]
        if place_id:
            return {word: limit for service in services for word, limit in self._quota(service, place_id)}
        return {word: limit for service in services for word, limit in self._own(service)}

    def used(self) -> Mapping[str, int]:
        return {}  # `get` tells it

    def set(self, place_id: str, limits: Mapping[str, int | None]) -> None:
        """Also below what is in use: nothing is ended by it. Services that the cloud does not have are left out."""
        for service, words in WORDS.items():
            wanted = {words[word]: from_limit(limit) for word, limit in limits.items() if word in words}
            if wanted and self._session.has(service):
                self._put(service, place_id, wanted)

    def _quota(self, service: str, place_id: str) -> Iterator[tuple[str, Limit]]:
        found = self._ask(service, place_id)
        with translated(SOURCES[service]):
            for word, name in WORDS[service].items():
                if name in found:
                    yield word, to_limit(found[name], is_counted=word not in UNCOUNTED)

    def _ask(self, service: str, place_id: str) -> Raw:
        if service == "network":
            answer = self._session.get("network", f"/quotas/{place_id}/details")
        elif service == "compute":
            answer = self._session.get("compute", f"/os-quota-sets/{place_id}/detail")
        else:
            answer = self._session.get("block-storage", f"/os-quota-sets/{place_id}", params={"usage": "True"})
        with translated(SOURCES[service]):
            found: Raw = answer["quota" if service == "network" else "quota_set"]
            return found

    def _own(self, service: str) -> Iterator[tuple[str, Limit]]:
        if service == "network":
            yield from self._own_network()
            return
        answer = self._session.get(service, "/limits")
        with translated(SOURCES[service]):
            absolute: Raw = answer["limits"]["absolute"]
            for word, (limit, used) in LIMITS[service].items():
                if limit in absolute:
                    yield word, Limit(limit=to_number(absolute[limit]), used=absolute.get(used))

    def _own_network(self) -> Iterator[tuple[str, Limit]]:
        """Nothing where the cloud tells its limits of networks to administrators only."""
        try:
            yield from self._quota("network", self._session.project_id)
        except (Refused, NotFound):
            return

    def _put(self, service: str, place_id: str, wanted: dict[str, int]) -> None:
        """With `force` a limit may be below what is in use. Neutrons before 2023 do not know the word, nor check."""
        if service != "network":
            force = {"force": True} if service == "compute" else {}
            self._session.put(service, f"/os-quota-sets/{place_id}", json={"quota_set": {**wanted, **force}})
            return
        try:
            self._session.put("network", f"/quotas/{place_id}", json={"quota": wanted})
        except Refused as error:
            if "already used" not in error.detail:
                raise
            self._session.put("network", f"/quotas/{place_id}", json={"quota": {**wanted, "force": True}})


def to_limit(raw: Raw, *, is_counted: bool = True) -> Limit:
    """Nova and Cinder say `in_use`, Neutron `used`; what is reserved will be in use in a moment."""
    used = int(raw.get("in_use", raw.get("used", 0))) + int(raw.get("reserved", 0))
    return Limit(limit=to_number(raw["limit"]), used=used if is_counted else None)


def to_number(value: int) -> int | None:
    return None if int(value) == UNLIMITED else int(value)


def from_limit(limit: int | None) -> int:
    return UNLIMITED if limit is None else limit
