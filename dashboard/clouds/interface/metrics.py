"""What instances use: counters as the cloud keeps them. Rates are made of them above the driver line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteUsage:
    """What one instance that runs has used until `taken_at`. None is what the cloud does not tell."""

    remote_id: str
    taken_at: datetime
    life: str = ""
    """Another word after each start, with which counters begin anew; empty where the cloud has none."""
    cpu_ns: int | None = None
    """Time of all its vCPUs together."""
    memory_used_mib: int | None = None
    """As the guest sees it, now; not what it was given."""
    disk_read_bytes: int | None = None
    disk_write_bytes: int | None = None
    net_rx_bytes: int | None = None
    """Received by the guest."""
    net_tx_bytes: int | None = None


class Metrics(Protocol):
    """Needs the cloud's own credential where there are several."""

    @property
    def most(self) -> int | None:
        """A call is good for so many instances, since each of them costs the cloud; None: all are told at once."""
        ...

    def usages(self, remote_ids: Collection[str]) -> tuple[RemoteUsage, ...]:
        """Of those that run and that the cloud knows, at most the first `most`; perhaps of others too.

        No guest that hangs holds it up. One about which nothing can be learned now is left out.
        """
        ...
