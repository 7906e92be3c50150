"""What instances use: counters that grow while an instance runs."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from dashboard.clouds.interface import Feature, RemoteUsage, Status

from .ground import OnACloud


class MetricsContract(OnACloud):
    """With `driver` as the cloud's own where there are several credentials."""

    @pytest.fixture(autouse=True)
    def _metrics(self, driver):
        self.require(driver, Feature.METRICS)

    def usage(self, driver, remote_id) -> RemoteUsage | None:
        return next((one for one in driver.metrics.usages([remote_id]) if one.remote_id == remote_id), None)

    def test_one_that_runs_is_told_with_the_time(self, driver, remote):
        usage = self.usage(driver, remote.id)
        assert usage.taken_at.tzinfo
        assert usage.cpu_ns is not None
        assert all(amount >= 0 for amount in amounts(usage))

    def test_its_counters_never_fall(self, driver, remote):
        first = self.usage(driver, remote.id)
        self.eventually(lambda: self.usage(driver, remote.id).cpu_ns > first.cpu_ns)
        later = self.usage(driver, remote.id)
        assert later.taken_at > first.taken_at
        assert later.life == first.life
        assert all(now >= then for then, now in zip(counters(first), counters(later), strict=True))

    def test_one_that_is_stopped_uses_nothing(self, driver, remote):
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        assert self.usage(driver, remote.id) is None

    def test_one_that_was_started_again_begins_anew_or_goes_on(self, driver, remote):
        first = self.usage(driver, remote.id)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.compute.start(remote.id)
        self.expect(driver, remote.id, Status.ACTIVE)
        later = self.usage(driver, remote.id)
        assert later.life != first.life or later.cpu_ns >= first.cpu_ns

    def test_what_is_not_there_is_left_out(self, driver):
        assert self.usage(driver, "no-such-instance") is None


def amounts(usage: RemoteUsage) -> list[int]:
    return [amount for amount in astuple(usage)[3:] if amount is not None]


def counters(usage: RemoteUsage) -> list[int]:
    told = (usage.cpu_ns, usage.disk_read_bytes, usage.disk_write_bytes, usage.net_rx_bytes, usage.net_tx_bytes)
    return [amount for amount in told if amount is not None]
