"""How Neutron is asked: whole lists, and things that carry our mark.

A list is filtered by `project_id`, never by `tenant_id`: with the older word a list of ports took minutes in large
clouds (https://bugs.launchpad.net/neutron/+bug/2134391). Without a limit Neutron answers with all there is in one go,
unless its administrator set `pagination_max_limit`; then it links to the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...interface import NotFound
from .errors import translated
from .network_mapping import mark_in
from .session import Session

FIELDS = {
    "networks": ("id", "name", "status", "router:external", "shared", "project_id", "mtu", "description"),
    "subnets": (
        *("id", "name", "network_id", "cidr", "gateway_ip", "enable_dhcp"),
        *("dns_nameservers", "allocation_pools", "description"),
    ),
    "routers": ("id", "name", "status", "external_gateway_info", "description"),
    "ports": (
        *("id", "network_id", "mac_address", "status", "fixed_ips"),
        *("device_id", "device_owner", "security_groups"),
    ),
    "security-groups": ("id", "name", "description", "security_group_rules"),
    "floatingips": (
        *("id", "floating_ip_address", "floating_network_id", "status"),
        *("port_id", "fixed_ip_address", "description"),
    ),
}
"""What we read; all else of an answer would only cost Neutron time."""

Raw = Mapping[str, Any]


class Neutron:
    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def project_id(self) -> str:
        return self._session.project_id

    def list(self, kind: str, **filters: Any) -> tuple[Raw, ...]:
        """All that match, complete or an error. `kind` is a path of Neutron's, such as `security-groups`."""
        return tuple(raw for page in self._pages(kind, filters) for raw in page)

    def own(self, kind: str, **filters: Any) -> tuple[Raw, ...]:
        """Those of our project."""
        return self.list(kind, project_id=self.project_id, **filters)

    def find(self, kind: str, *, mark: str, **filters: Any) -> Raw | None:
        """The one of ours that carries the mark."""
        return next((raw for raw in self.own(kind, **filters) if mark_in(raw.get("description")) == mark), None)

    def get(self, kind: str, remote_id: str) -> Raw:
        return self._only(kind, self._session.get("network", f"/{kind}/{remote_id}"))

    def create(self, kind: str, **fields: Any) -> Raw:
        return self._only(kind, self._session.post("network", f"/{kind}", json={_one(kind): fields}))

    def change(self, kind: str, remote_id: str, **fields: Any) -> Raw:
        return self._only(kind, self._session.put("network", f"/{kind}/{remote_id}", json={_one(kind): fields}))

    def router_verb(self, router_id: str, verb: str, *, subnet_id: str) -> None:
        self._session.put("network", f"/routers/{router_id}/{verb}", json={"subnet_id": subnet_id})

    def delete(self, kind: str, remote_id: str) -> None:
        """What is gone already is success."""
        try:
            self._session.delete("network", f"/{kind}/{remote_id}")
        except NotFound:
            return

    def _pages(self, kind: str, filters: Mapping[str, Any]) -> Iterator[tuple[Raw, ...]]:
        """Goes on after the last one of a page: its link would name a host as Neutron sees itself."""
        params = {"fields": list(FIELDS[kind]), **{name: value for name, value in filters.items() if value != ""}}
        plural = kind.replace("-", "_")
        while True:
            answer = self._session.get("network", f"/{kind}", params=params)
            with translated("neutron"):
                page: tuple[Raw, ...] = tuple(answer[plural])
                links = [link["rel"] for link in answer.get(f"{plural}_links", ())]
                last = page[-1]["id"] if page else ""
            yield page
            if "next" not in links or not last:
                return
            params = {**params, "marker": last}

    def _only(self, kind: str, answer: Raw) -> Raw:
        with translated("neutron"):
            found: Raw = answer[_one(kind)]
            return found


def _one(kind: str) -> str:
    return kind.replace("-", "_").removesuffix("s")
