"""What each cloud of a tenant could do with what is wanted, in as many queries for ten clouds as for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud, Fetched
from dashboard.clouds.standing import Standing
from dashboard.operations.models import OPEN, Operation, State
from dashboard.quotas.models import Resource
from dashboard.quotas.reservations import total
from dashboard.quotas.usage import Usage
from dashboard.tenancy.models import Tenant

from ..models import Instance
from .hosts import Room, fitting, host_of, occupied, rooms
from .wanted import Size, Wanted
from .words import MOST_GROUPS, Alike, alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One cloud. `rooms` and `read_at` are empty where it does not tell of its hosts: only it knows then."""

    standing: Standing
    count: int
    rooms: Sequence[Room] = ()
    read_at: datetime | None = None
    fits: int | None = None
    """For how many of `count` its hosts have room; None where nobody can tell."""
    under_way: int = 0
    """Launches that were counted in, since the figures are older than they."""
    limits: Sequence[Usage] = ()
    """The cloud's own limits that it would go beyond."""
    limits_read_at: datetime | None = None

    @property
    def cloud(self) -> Cloud:
        return self.standing.cloud

    @property
    def is_counted(self) -> bool:
        """Whether the cloud tells of its hosts, though perhaps nobody has asked yet."""
        return self.cloud.can(Feature.CAPACITY)

    @property
    def able(self) -> int:
        """So many of the hosts could take one at least."""
        return sum(1 for room in self.rooms if room.fits)

    @property
    def alike(self) -> list[Alike]:
        return alike(self.rooms, wanted=self.count)[:MOST_GROUPS]

    @property
    def left_out(self) -> int:
        """Hosts of which nothing is said, so as not to fill the page."""
        return len(self.rooms) - sum(group.count for group in self.alike)

    @property
    def is_short(self) -> bool:
        """Whether it has, by what we know, not room for all."""
        return bool(self.limits) or (self.fits is not None and self.fits < self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A launch that some figures may not have yet."""

    tenant_id: UUID
    cloud_id: UUID
    size: Size
    zone: str
    takes: dict[str, int]
    created_at: datetime
    is_on_cloud: bool

    def is_unknown_to(self, read_at: datetime) -> bool:
        return not self.is_on_cloud or self.created_at > read_at


class Knowledge:
    """What our rows say of the clouds of a tenant: three queries, for all of them at once."""

    def __init__(self, tenant: Tenant, standings: Sequence[Standing]) -> None:
        self.tenant = tenant
        clouds = [standing.pk for standing in standings]
        telling = [standing.pk for standing in standings if standing.cloud.can(Feature.CAPACITY)]
        fetched = Fetched.objects.filter(cloud__in=telling, what=Fetched.What.HOSTS).exclude(read_at=None)
        self.hosts: dict[UUID, Fetched] = {one.cloud_id: one for one in fetched}
        self.under_way = list(launches_under_way(clouds, since=self.oldest(standings)))

    def oldest(self, standings: Iterable[Standing]) -> datetime | None:
        read = [one.read_at for one in self.hosts.values()] + [s.account.limits_read_at for s in standings]
        return min((moment for moment in read if moment), default=None)

    def outlook(self, standing: Standing, wanted: Wanted) -> Outlook:
        limits = self.limits_of(standing, wanted)
        read_at = standing.account.limits_read_at
        seen = self.hosts.get(standing.pk)
        if seen is None or seen.read_at is None or wanted.size is None:
            return Outlook(standing=standing, count=wanted.count, limits=limits, limits_read_at=read_at)
        late = [one for one in self.under_way if one.cloud_id == standing.pk and one.is_unknown_to(seen.read_at)]
        hosts = occupied([host_of(item) for item in seen.items], [(one.size, one.zone) for one in late])
        members = members_of(wanted) if wanted.server_group and wanted.cloud.pk == standing.pk else set()
        found = rooms(hosts, wanted.size, zone=wanted.zone_meant, policy=wanted.policy, members=members)
        return Outlook(
            standing=standing,
            count=wanted.count,
            rooms=found,
            read_at=seen.read_at,
            fits=min(wanted.count, fitting(found, policy=wanted.policy)),
            under_way=len(late),
            limits=limits,
            limits_read_at=read_at,
        )

    def limits_of(self, standing: Standing, wanted: Wanted) -> list[Usage]:
        """The cloud's own limits of the tenant's place that it would go beyond."""
        read_at, limits = standing.account.limits_read_at, standing.account.limits
        if read_at is None or wanted.flavor is None:
            return []
        mine = [o for o in self.under_way if o.cloud_id == standing.pk and o.tenant_id == self.tenant.pk]
        late = total(one.takes for one in mine if one.is_unknown_to(read_at))
        usage = [
            Usage(Resource(name), used, used + amount, limits[name]["limit"])
            for name, amount in wanted.takes.items()
            if amount and (used := used_of(limits.get(name), late.get(name, 0))) is not None
        ]
        return [one for one in usage if one.is_over]


def used_of(limit: Any, late: int) -> int | None:
    """None where the cloud has no such limit, or does not say what is used of it."""
    return None if not limit or limit["used"] is None else limit["used"] + late


def launches_under_way(clouds: Sequence[UUID], *, since: datetime | None) -> Iterable[UnderWay]:
    """Those that are open, and those that ended well since then, of all tenants: hosts are everybody's."""
    launched = Operation.objects.filter(cloud__in=clouds, kind="instance.launch")
    recent = Q(pk__in=launched.filter(state__in=OPEN).values("target_id"))
    if since:
        recent |= Q(pk__in=launched.filter(state=State.DONE, finished_at__gt=since).values("target_id"))
    for row in Instance.objects.present().filter(recent, delete_at=None):
        disk_gib = 0 if row.asked.get("boot_volume_gib") else row.disk_gib
        yield UnderWay(
            tenant_id=row.tenant_id,
            cloud_id=row.cloud_id,
            size=Size(vcpus=row.vcpus, ram_mib=row.ram_mib, disk_gib=disk_gib),
            zone=row.asked.get("zone", ""),
            takes={**row.resources, **({"floating_ips": 1} if row.asked.get("floating_ip") else {})},
            created_at=row.created_at,
            is_on_cloud=bool(row.remote_id),
        )


def members_of(wanted: Wanted) -> set[str]:
    """The hosts of those that are in the server group, as far as the cloud tells whose host is which."""
    there = Instance.objects.present().for_tenant(wanted.tenant).filter(cloud=wanted.cloud)
    return set(there.filter(asked__server_group=wanted.server_group).exclude(host="").values_list("host", flat=True))
