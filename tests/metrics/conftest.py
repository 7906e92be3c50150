"""Usage as a cloud would tell it, for any instance at any time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.clouds.interface import RemoteUsage
from dashboard.metrics import sampling

NOON = datetime(2026, 3, 4, 12, 0, 30, tzinfo=UTC)
PER_MINUTE = {
    "cpu_ns": 30 * 10**9,  # half of one vCPU
    "disk_read_bytes": 60_000,
    "disk_write_bytes": 120_000,
    "net_rx_bytes": 6_000_000,
    "net_tx_bytes": 600,
}


def usage_at(
    minutes: float, *, remote_id: str = "r", since: datetime = NOON, life: str = "1", **changed
) -> RemoteUsage:
    """Of a steady instance, so many minutes after `since`."""
    told = {name: round(amount * (minutes + 1000)) for name, amount in PER_MINUTE.items()}
    taken_at = since + timedelta(minutes=minutes)
    fields = {"remote_id": remote_id, "taken_at": taken_at, "life": life, "memory_used_mib": 200, **told}
    return RemoteUsage(**{**fields, **changed})


@pytest.fixture
def active(launch, work):
    instance = launch()
    work()
    instance.refresh_from_db()
    return instance


@pytest.fixture
def tell(active):
    """Write what the cloud told of it at each of these minutes."""

    def write(*minutes: float, longest_s: float = 150, **changed) -> None:
        for minute in minutes:
            usage = usage_at(minute, remote_id=active.remote_id, **changed)
            sampling.record([usage], {active.remote_id: active}, longest_s=longest_s)

    return write


@pytest.fixture
def browser(client, rita):
    client.force_login(rita)
    return client
