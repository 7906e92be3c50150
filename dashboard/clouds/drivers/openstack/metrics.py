"""What servers use, as Nova's diagnostics tell it: one call for each server, answered by the host that it is on.

By default only administrators may ask. So that a thousand servers flood no message queue, a round asks for a part of
them, a few at once, and ends when its time is over; whoever asks goes on with the next part.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ...interface import CloudError, Conflict, NotFound, Reason, Refused, RemoteUsage, Unavailable
from .errors import translated
from .servers import path_of
from .session import Session

DIAGNOSTICS = "2.48"
"""The first whose answer is the same for every hypervisor."""
MOST, AT_ONCE = 200, 8
ROUND_S, ANSWER_S = 40.0, 10.0
WITHOUT_MEMORY = frozenset({"libvirt"})
"""Their `used` is what the guest was given, not what it uses (nova/virt/libvirt/driver.py)."""


class OpenStackMetrics:
    most = MOST

    def __init__(self, session: Session) -> None:
        self.session = session

    def usages(self, remote_ids: Collection[str]) -> tuple[RemoteUsage, ...]:
        """Raises Refused where the credential may not ask, Unavailable where Nova answers for none of them."""
        ends_at = time.monotonic() + ROUND_S
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = islice(remote_ids, MOST)
            found = list(pool.map(lambda remote_id: self._told(remote_id, ends_at=ends_at), asked))
        if found and all(isinstance(one, Unavailable) for one in found):
            raise next(one for one in found if isinstance(one, Unavailable))
        return tuple(one for one in found if isinstance(one, RemoteUsage))

    def may_ask(self) -> bool | None:
        """None while none that runs can be asked: Nova says it only of a server."""
        params = {"all_tenants": "1", "status": "ACTIVE", "limit": "1"}
        with translated("nova"):
            running = self.session.get("compute", "/servers", params=params)["servers"]
        if not running:
            return None
        try:
            self._usage(running[0]["id"])
        except Refused:
            return False
        except (NotFound, Conflict, Unavailable):
            return None
        return True

    def _told(self, remote_id: str, *, ends_at: float) -> RemoteUsage | CloudError | None:
        """One whose host is away must not cost the others their turn. None for one whose own turn comes too late."""
        if time.monotonic() > ends_at:
            return None
        try:
            return self._usage(remote_id)
        except Refused as error:
            if error.reason is Reason.POLICY:
                raise
            return error
        except (NotFound, Conflict, Unavailable) as error:  # gone, not running any more, not reached
            return error

    def _usage(self, remote_id: str) -> RemoteUsage:
        path = f"{path_of(remote_id)}/diagnostics"
        with translated("nova"):
            told = self.session.get("compute", path, microversion=DIAGNOSTICS, timeout_s=ANSWER_S)
            return to_usage(told, remote_id=remote_id, taken_at=datetime.now(UTC))


def to_usage(told: Mapping[str, Any], *, remote_id: str, taken_at: datetime) -> RemoteUsage:
    """`told` is Nova's answer: https://docs.openstack.org/api-ref/compute/#show-server-diagnostics

    Its `uptime` is no time of the guest's: with libvirt it goes on when the guest starts anew.
    """
    disks, cards = told.get("disk_details"), told.get("nic_details")
    return RemoteUsage(
        remote_id=remote_id,
        taken_at=taken_at,
        cpu_ns=_sum(told.get("cpu_details"), "time"),
        memory_used_mib=_memory_used_mib(told),
        disk_read_bytes=_sum(disks, "read_bytes"),
        disk_write_bytes=_sum(disks, "write_bytes"),
        net_rx_bytes=_sum(cards, "rx_octets"),
        net_tx_bytes=_sum(cards, "tx_octets"),
    )


def _memory_used_mib(told: Mapping[str, Any]) -> int | None:
    if told.get("driver") in WITHOUT_MEMORY:
        return None
    used = (told.get("memory_details") or {}).get("used")
    return used if isinstance(used, int) else None


def _sum(devices: Iterable[Mapping[str, Any]] | None, name: str) -> int | None:
    """Of all of them. None where there is none, or where one does not tell: the rest would look like all."""
    each = [device.get(name) for device in devices or ()]
    known = [number for number in each if isinstance(number, int)]
    return sum(known) if known and len(known) == len(each) else None
