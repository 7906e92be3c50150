"""Which hosts of a cloud could take what is wanted, from what the cloud last said of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.clouds.interface import RemoteHost
from dashboard.quotas.models import Resource

from .wanted import Size

KINDS = (
    (Resource.VCPUS, "vcpus", "vcpus_used"),
    (Resource.RAM_MIB, "ram_mib", "ram_used_mib"),
    (Resource.DISK_GIB, "disk_gib", "disk_used_gib"),
)
"""Of each resource the names in a RemoteHost: how much there is and how much is given away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one host could take. `fits` is how many; where it is 0, why: its state, its zone, its group, or amounts."""

    host: RemoteHost
    fits: int
    missing: Mapping[Resource, int] = field(default_factory=dict)
    """For one instance: how much more the host would need to have."""
    why: str = ""
    """`state`, `zone`, `apart` or `together`; empty where only amounts are missing."""

    @property
    def name(self) -> str:
        return self.host.name


def host_of(item: Mapping[str, Any]) -> RemoteHost:
    """As `clouds.tasks.fetch` keeps it; what a later version added or left out does no harm."""
    known = RemoteHost.__dataclass_fields__
    return RemoteHost(**{name: value for name, value in item.items() if name in known})


def free_of(host: RemoteHost) -> dict[Resource, int]:
    """What is not given away yet. What a host does not count has no entry: it never runs out."""
    return {
        resource: max(0, getattr(host, there) - getattr(host, used))
        for resource, there, used in KINDS
        if getattr(host, there)
    }


def rooms(
    hosts: Iterable[RemoteHost], size: Size, *, zone: str, policy: str = "", members: Collection[str] = ()
) -> list[Room]:
    """Each host by itself. `members` are the hosts of those that are in the server group already."""
    return [room_on(host, size, zone=zone, policy=policy, members=members) for host in hosts]


def room_on(host: RemoteHost, size: Size, *, zone: str, policy: str, members: Collection[str]) -> Room:
    if host.state != "up":
        return Room(host=host, fits=0, why="state")
    if zone and host.zone and host.zone != zone:
        return Room(host=host, fits=0, why="zone")
    if policy == "anti-affinity" and host.name in members:
        return Room(host=host, fits=0, why="apart")
    if policy == "affinity" and members and host.name not in members:
        return Room(host=host, fits=0, why="together")
    free = free_of(host)
    need = need_of(host, size)
    missing = {r: need[r] - free[r] for r in free if need[r] > free[r]}
    counts = [free[r] // need[r] for r in free if need[r]]
    fits = 0 if missing else min(counts, default=NO_END)
    return Room(host=host, fits=min(fits, 1) if policy == "anti-affinity" else fits, missing=missing)


def need_of(host: RemoteHost, size: Size) -> dict[Resource, int]:
    """Of a disk that grows as it is written to, a little is enough to begin with."""
    disk_gib = min(1, size.disk_gib) if host.disks_grow else size.disk_gib
    return {Resource.VCPUS: size.vcpus, Resource.RAM_MIB: size.ram_mib, Resource.DISK_GIB: disk_gib}


NO_END = 1_000_000
"""How many fit on a host that counts nothing of what is wanted."""


def fitting(found: Sequence[Room], *, policy: str) -> int:
    """How many fit on all of them together; with `affinity` on the one with the most room."""
    counts = [room.fits for room in found]
    return max(counts, default=0) if policy == "affinity" else sum(counts)


def occupied(hosts: Sequence[RemoteHost], under_way: Iterable[tuple[Size, str]]) -> list[RemoteHost]:
    """The hosts with what is on its way to them: size and zone of each launch that their figures do not have yet.

    Where it will go only the cloud knows; here each goes to the host with most free memory, as Nova weighs them.
    """
    left = list(hosts)
    for size, zone in under_way:
        able = [room for room in rooms(left, size, zone=zone) if room.fits]
        if able:
            chosen = max(able, key=lambda room: free_of(room.host).get(Resource.RAM_MIB, NO_END)).host
            left[left.index(chosen)] = with_one_more(chosen, size)
    return left


def with_one_more(host: RemoteHost, size: Size) -> RemoteHost:
    need = need_of(host, size)
    return replace(host, **{used: getattr(host, used) + need[r] for r, there, used in KINDS if getattr(host, there)})
