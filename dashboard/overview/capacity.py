"""What all clouds have, who uses how much of it, and what the quotas promise: from rows, no cloud is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud, Fetched
from dashboard.instances.models import Instance
from dashboard.quotas.models import Quota, Resource
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import page

COUNTED = (
    (Resource.VCPUS, "vcpus", "vcpus_used"),
    (Resource.RAM_MIB, "ram_mib", "ram_used_mib"),
    (Resource.DISK_GIB, "disk_gib", "disk_used_gib"),
)
"""Of each resource the names in what a cloud told of a host: how much there is, and how much is given away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Of one resource on a host or a cloud. `whole` is 0 where it is not counted; `ours` None where nobody knows."""

    resource: Resource
    used: int
    whole: int
    ours: int | None = None

    @property
    def share(self) -> float:
        return self.used / self.whole if self.whole else 0.0

    @property
    def others(self) -> int:
        """What is used there beside Skydeck's instances, as far as the figures of both are of one time."""
        return max(0, self.used - (self.ours or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A host, or a whole cloud."""

    name: str
    parts: Sequence[Part]
    state: str = "up"
    zone: str = ""
    instances: int = 0

    @property
    def fill(self) -> float:
        """Of what it is most full."""
        return max((part.share for part in self.parts), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudCapacity:
    cloud: Cloud
    total: Place
    hosts: Sequence[Place]
    fetched: Fetched | None
    instances: int
    """Those of Skydeck's tenants."""

    @property
    def tells(self) -> bool:
        return self.cloud.can(Feature.CAPACITY)

    @property
    def not_up(self) -> int:
        return sum(1 for host in self.hosts if host.state != "up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the limits of all tenants add up to, against what all clouds have."""

    resource: Resource
    promised: int
    unlimited: int
    """So many tenants have no limit: then no sum says what is promised."""
    whole: int

    @property
    def factor(self) -> float | None:
        return self.promised / self.whole if self.whole else None


def host_of(item: Mapping[str, Any]) -> Place:
    parts = [Part(resource=r, used=item.get(used) or 0, whole=item.get(whole) or 0) for r, whole, used in COUNTED]
    return Place(
        name=item.get("name", ""),
        parts=parts,
        state=item.get("state", ""),
        zone=item.get("zone", ""),
        instances=item.get("instances") or 0,
    )


def total_of(cloud: Cloud, hosts: Sequence[Place], ours: Mapping[str, Any]) -> Place:
    """The sums of all hosts, those that are down too: what is there, not what would be free."""
    parts = []
    for position, (resource, name, _used) in enumerate(COUNTED):
        used = sum(host.parts[position].used for host in hosts)
        whole = sum(host.parts[position].whole for host in hosts)
        parts.append(Part(resource=resource, used=used, whole=whole, ours=ours.get(name) or 0))
    return Place(name=cloud.name, parts=parts, instances=sum(host.instances for host in hosts))


def clouds_by_fill(*, by_name: bool) -> list[CloudCapacity]:
    """Three queries. The fullest first, and within each the fullest host."""
    fetched: dict[UUID, Fetched] = {row.cloud_id: row for row in Fetched.objects.filter(what=Fetched.What.HOSTS)}
    sums = {name: Sum(name) for _resource, name, _used in COUNTED}
    counted = Instance.objects.present().order_by().values("cloud").annotate(number=Count("pk"), **sums)
    ours = {row["cloud"]: row for row in counted}
    found = []
    for cloud in Cloud.objects.filter(is_draft=False):
        seen = fetched.get(cloud.pk)
        hosts = [host_of(item) for item in seen.items] if seen else []
        hosts.sort(key=lambda host: (host.name,) if by_name else (-host.fill, host.name))
        mine: Mapping[str, Any] = ours.get(cloud.pk, {})
        total = total_of(cloud, hosts, mine)
        found.append(
            CloudCapacity(cloud=cloud, total=total, hosts=hosts, fetched=seen, instances=mine.get("number") or 0)
        )
    return found if by_name else sorted(found, key=lambda one: -one.total.fill)


def promises(clouds: Sequence[CloudCapacity]) -> list[Promise]:
    """One query."""
    rows: Any = Quota.objects.order_by().values("resource")
    summed = rows.annotate(promised=Sum("limit"), unlimited=Count("pk", filter=Q(limit=None)))
    sums: dict[str, dict[str, Any]] = {row["resource"]: row for row in summed}
    return [
        Promise(
            resource=resource,
            promised=sums.get(resource.value, {}).get("promised") or 0,
            unlimited=sums.get(resource.value, {}).get("unlimited") or 0,
            whole=sum(one.total.parts[position].whole for one in clouds),
        )
        for position, (resource, _whole, _used) in enumerate(COUNTED)
    ]


@require_safe
@admin_view
def capacity(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    by_name = request.GET.get("sort") == "name"
    clouds = clouds_by_fill(by_name=by_name)
    context = {"capacities": clouds, "promises": promises(clouds), "by_name": by_name, "section": "capacity"}
    return page(request, "overview/capacity.html", context, fragment="live")
