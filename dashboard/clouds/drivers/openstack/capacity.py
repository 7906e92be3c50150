"""How big a cloud is, and what is left on each of its hosts. Needs the rights of an administrator."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...interface import CloudFacts, NotFound, Refused, RemoteHost
from .errors import translated
from .session import Session

STATISTICS = "2.1"
HYPERVISORS = "2.53"
"""The first whose ids are those of Placement's resource providers. Both lose their numbers in 2.88."""
AT_ONCE = 8


class OpenStackCapacity:
    def __init__(self, session: Session) -> None:
        self.session = session

    def hosts(self) -> tuple[RemoteHost, ...]:
        """Placement says what the scheduler counts with, two calls for each host. Nova has no overcommit in it."""
        with translated("nova"):
            answer = self.session.get("compute", "/os-hypervisors/detail", microversion=HYPERVISORS)
            hypervisors, zones = answer["hypervisors"], self._zones()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            amounts = list(pool.map(self._amounts, [hypervisor["id"] for hypervisor in hypervisors]))
        with translated("nova"):
            return tuple(
                to_host(hypervisor, counted, zones=zones)
                for hypervisor, counted in zip(hypervisors, amounts, strict=True)
            )

    def _zones(self) -> dict[str, str]:
        """Host and its zone."""
        found = self.session.get("compute", "/os-availability-zone/detail")["availabilityZoneInfo"]
        return {
            host: zone["zoneName"]
            for zone in found
            for host, services in (zone["hosts"] or {}).items()
            if "nova-compute" in services
        }

    def _amounts(self, provider_id: str) -> dict[str, tuple[int, int]] | None:
        """Resource class: how much may be given away, and how much is. None where Placement does not know it."""
        path = f"/resource_providers/{provider_id}"
        try:
            with translated("placement"):
                inventories = self.session.get("placement", f"{path}/inventories")["inventories"]
                usages = self.session.get("placement", f"{path}/usages")["usages"]
                return {name: (_room(found), usages.get(name, 0)) for name, found in inventories.items()}
        except NotFound:
            return None


def size(session: Session) -> CloudFacts:
    """All hypervisors together, in one cheap call. Empty where the credential may not ask."""
    try:
        with translated("nova"):
            answer = session.get("compute", "/os-hypervisors/statistics", microversion=STATISTICS)
            found = answer["hypervisor_statistics"]
            return CloudFacts(
                vcpus=found["vcpus"], ram_mib=found["memory_mb"], disk_free_gib=max(0, found["free_disk_gb"])
            )
    except Refused:
        return CloudFacts()


def to_host(
    hypervisor: Mapping[str, Any], counted: Mapping[str, tuple[int, int]] | None, *, zones: Mapping[str, str]
) -> RemoteHost:
    amounts = counted if counted is not None else _by_nova(hypervisor)
    vcpus, ram, disk = (amounts.get(name, (0, 0)) for name in ("VCPU", "MEMORY_MB", "DISK_GB"))
    return RemoteHost(
        name=hypervisor["hypervisor_hostname"],
        kind=hypervisor["hypervisor_type"],
        state=hypervisor["status"] if hypervisor["status"] != "enabled" else hypervisor["state"],
        zone=zones.get(hypervisor["service"]["host"], ""),
        instances=hypervisor["running_vms"],
        vcpus=vcpus[0],
        vcpus_used=vcpus[1],
        ram_mib=ram[0],
        ram_used_mib=ram[1],
        disk_gib=disk[0],
        disk_used_gib=disk[1],
    )


def _by_nova(hypervisor: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {
        "VCPU": (hypervisor["vcpus"], hypervisor["vcpus_used"]),
        "MEMORY_MB": (hypervisor["memory_mb"], hypervisor["memory_mb_used"]),
        "DISK_GB": (hypervisor["local_gb"], hypervisor["local_gb_used"]),
    }


def _room(inventory: Mapping[str, Any]) -> int:
    """As Placement itself reckons (placement/objects/resource_provider.py, `capacity`)."""
    return int((inventory["total"] - inventory["reserved"]) * inventory["allocation_ratio"])
