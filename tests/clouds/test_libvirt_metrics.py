from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.clouds.drivers.libvirt.metrics import to_usage

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TOLD = {
    "cpu.time": 19_070_000_000,
    "cpu.user": 4_890_000_000,
    "balloon.current": 196608,
    "balloon.available": 157072,
    "balloon.unused": 107164,
    "balloon.usable": 129268,
    "balloon.rss": 291744,
    "net.count": 2,
    "net.0.name": "vnet0",
    "net.0.rx.bytes": 1000,
    "net.0.tx.bytes": 10,
    "net.1.rx.bytes": 2,
    "net.1.tx.bytes": 3,
    "block.count": 2,
    "block.0.rd.bytes": 22_463_488,
    "block.0.wr.bytes": 70_593_536,
    "block.1.rd.bytes": 517_120,
    "block.1.wr.bytes": 0,
}
"""From a guest of libvirt 9.0 and QEMU 7.2; its cards are made up, since user mode counts nothing."""


def usage_of(**changed):
    told = {name: value for name, value in {**TOLD, **changed}.items() if value is not None}
    return to_usage(told, remote_id="d", life="1", taken_at=NOW)


def test_all_disks_and_cards_count():
    usage = usage_of()
    assert (usage.cpu_ns, usage.memory_used_mib) == (19_070_000_000, 27)
    assert (usage.disk_read_bytes, usage.disk_write_bytes) == (22_980_608, 70_593_536)
    assert (usage.net_rx_bytes, usage.net_tx_bytes) == (1002, 13)


@pytest.mark.parametrize(
    ("lacks", "name"),
    [
        ("net.1.rx.bytes", "net_rx_bytes"),
        ("block.0.rd.bytes", "disk_read_bytes"),
        ("net.count", "net_tx_bytes"),
        ("balloon.available", "memory_used_mib"),
        ("cpu.time", "cpu_ns"),
    ],
)
def test_what_is_not_told_is_none_and_not_nothing(lacks, name):
    assert getattr(usage_of(**{lacks: None}), name) is None
    assert getattr(usage_of(), name) is not None


def test_a_guest_without_a_balloon_does_not_use_what_it_was_given():
    without = dict.fromkeys(["balloon.available", "balloon.unused", "balloon.usable"])
    assert usage_of(**without).memory_used_mib is None


def test_an_old_kernel_tells_only_what_is_unused():
    assert usage_of(**{"balloon.usable": None}).memory_used_mib == (157072 - 107164) // 1024
