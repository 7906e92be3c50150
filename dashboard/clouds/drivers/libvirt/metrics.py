"""What guests use: one call for all of them, which no guest can hold up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

import libvirt

from ...interface import RemoteUsage
from .hypervisor import Hypervisor

LIST_S = 50
GROUPS = (
    libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_BLOCK
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
)
HOW = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
"""NOWAIT: what would have to wait for a guest's monitor is left out, and that guest tells less this time."""

Stats = Mapping[str, int | str]


class LibvirtMetrics:
    most = None

    def __init__(self, hypervisor: Hypervisor) -> None:
        self.hypervisor = hypervisor

    def usages(self, remote_ids: Collection[str]) -> tuple[RemoteUsage, ...]:
        return self.hypervisor.run(_usages, timeout_s=LIST_S)


def _usages(connection: libvirt.virConnect) -> tuple[RemoteUsage, ...]:
    told = connection.getAllDomainStats(GROUPS, HOW)
    taken_at = datetime.now(UTC)
    return tuple(
        to_usage(stats, remote_id=domain.UUIDString(), life=str(domain.ID()), taken_at=taken_at)
        for domain, stats in told
    )


def to_usage(stats: Stats, *, remote_id: str, life: str, taken_at: datetime) -> RemoteUsage:
    """`stats` by libvirt's names: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats"""
    return RemoteUsage(
        remote_id=remote_id,
        taken_at=taken_at,
        life=life,  # libvirt's number of the running domain, another one after each start
        cpu_ns=_number(stats, "cpu.time"),
        memory_used_mib=_memory_used_mib(stats),
        disk_read_bytes=_sum(stats, "block", "rd.bytes"),
        disk_write_bytes=_sum(stats, "block", "wr.bytes"),
        net_rx_bytes=_sum(stats, "net", "rx.bytes"),
        net_tx_bytes=_sum(stats, "net", "tx.bytes"),
    )


def _memory_used_mib(stats: Stats) -> int | None:
    """What the guest's balloon driver says, in KiB. Without one the host knows only what it gave to the guest."""
    available = _number(stats, "balloon.available")
    left = _number(stats, "balloon.usable")
    if left is None:  # a kernel before 3.14 counts its caches as used
        left = _number(stats, "balloon.unused")
    return None if available is None or left is None else max(0, available - left) // 1024


def _sum(stats: Stats, device: str, name: str) -> int | None:
    """Of all devices of that kind. None where one does not tell: the rest alone would look like all."""
    count = _number(stats, f"{device}.count") or 0
    each = list(_each(stats, device, name, count=count))
    known = [number for number in each if number is not None]
    return sum(known) if known and len(known) == count else None


def _each(stats: Stats, device: str, name: str, *, count: int) -> Iterator[int | None]:
    return (_number(stats, f"{device}.{position}.{name}") for position in range(count))


def _number(stats: Stats, name: str) -> int | None:
    found = stats.get(name)
    return found if isinstance(found, int) else None
