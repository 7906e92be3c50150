"""What is left on the one host of a libvirt cloud, counted as a launch counts it (launch.py).

A guest is refused where less memory is free than it is to have, whatever the other guests were promised; processors are
shared by any number of guests; disks grow as they are written to.
"""

from __future__ import annotations

import libvirt

from ...interface import RemoteHost
from . import host, storage
from .hypervisor import Hypervisor


class LibvirtCapacity:
    def __init__(self, hypervisor: Hypervisor, *, pool: str) -> None:
        self.hypervisor = hypervisor
        self.pool = pool

    def hosts(self) -> tuple[RemoteHost, ...]:
        return (self.hypervisor.run(self._host),)

    def _host(self, connection: libvirt.virConnect) -> RemoteHost:
        pool = storage.pool_of(connection, self.pool)
        storage.refresh(pool)
        _state, capacity, _allocation, available = pool.info()
        ram_mib, free_mib = host.memory_mib(connection), host.free_memory_mib(connection)
        running = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
        return RemoteHost(
            name=connection.getHostname(),
            kind=connection.getType(),
            state="up",
            instances=len(running),
            vcpus_used=sum(domain.info()[3] for domain in running),
            ram_mib=ram_mib if free_mib is not None else 0,
            ram_used_mib=ram_mib - free_mib if free_mib is not None else 0,
            disk_gib=capacity >> 30,
            disk_used_gib=(capacity >> 30) - (available >> 30),
            disks_grow=True,
        )
