"""What the host says about itself."""

from __future__ import annotations

import libvirt


def versions(connection: libvirt.virConnect) -> str:
    libvirt_version, hypervisor_version = connection.getLibVersion(), connection.getVersion()
    return f"libvirt {_dotted(libvirt_version)}, {connection.getType()} {_dotted(hypervisor_version)}"


def vcpus(connection: libvirt.virConnect) -> int:
    return int(connection.getInfo()[2])


def memory_mib(connection: libvirt.virConnect) -> int:
    """From the statistics where there are any: `getInfo` told 4.7 GiB of a 24 GiB host (libvirt 9.0)."""
    said = _memory_stats(connection)
    return said["total"] // 1024 if said else int(connection.getInfo()[1])


def free_memory_mib(connection: libvirt.virConnect) -> int | None:
    """What the host could give to a guest without swapping; None where it cannot tell."""
    said = _memory_stats(connection)
    return sum(said.get(name, 0) for name in ("free", "buffers", "cached")) // 1024 if said else None


def _memory_stats(connection: libvirt.virConnect) -> dict[str, int]:
    """In KiB; empty where the driver has none."""
    try:
        return dict(connection.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS, 0))
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT:
            return {}
        raise


def _dotted(version: int) -> str:
    """libvirt writes 9.0.2 as 9000002."""
    return f"{version // 1_000_000}.{version // 1000 % 1000}.{version % 1000}"
