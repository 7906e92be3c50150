"""What Nova tells of a server's use, and how little we ask of it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest

from dashboard.clouds.drivers.openstack import metrics
from dashboard.clouds.drivers.openstack.metrics import to_usage
from dashboard.clouds.interface import Feature, Reason, Refused, Unavailable
from dashboard.clouds.registry import connect

from .small_cloud import Answer, said, small_cloud

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LIBVIRT = {
    "config_drive": True,
    "cpu_details": [{"id": 0, "time": 17_300_000_000, "utilisation": 15}, {"id": 1, "time": 700, "utilisation": None}],
    "disk_details": [
        {"errors_count": 1, "read_bytes": 262144, "read_requests": 112, "write_bytes": 5778432, "write_requests": 488}
    ],
    "driver": "libvirt",
    "hypervisor": "kvm",
    "memory_details": {"maximum": 524288, "used": 524288},
    "nic_details": [
        {"mac_address": "01:23:45:67:89:ab", "rx_octets": 2070139, "tx_octets": 140208},
        {"mac_address": "01:23:45:67:89:ac", "rx_octets": 1, "tx_octets": 2},
    ],
    "num_cpus": 2,
    "state": "running",
    "uptime": 46664,
}
"""As the API reference shows it, with a second processor and a second card."""
POLICY = said(403, {"forbidden": {"code": 403, "message": "Policy doesn't allow os_compute_api:os-server-diagnostics"}})
RUNNING = said(200, {"servers": [{"id": "s1"}]})


def path(remote_id: str) -> str:
    return f"/compute/servers/{remote_id}/diagnostics"


@contextmanager
def administrator(cloud):
    with closing(connect("openstack", cloud.settings())) as driver:
        yield driver


def test_all_processors_disks_and_cards_count():
    usage = to_usage(LIBVIRT, remote_id="s1", taken_at=NOW)
    assert (usage.cpu_ns, usage.net_rx_bytes, usage.net_tx_bytes) == (17_300_000_700, 2070140, 140210)
    assert (usage.disk_read_bytes, usage.disk_write_bytes) == (262144, 5778432)


@pytest.mark.parametrize(("driver", "used"), [("libvirt", None), ("vmwareapi", 300)])
def test_memory_that_was_only_given_is_not_called_used(driver, used):
    told = {**LIBVIRT, "driver": driver, "memory_details": {"maximum": 512, "used": 300}}
    assert to_usage(told, remote_id="s1", taken_at=NOW).memory_used_mib == used


@pytest.mark.parametrize("lack", [{"nic_details": []}, {"nic_details": [{"rx_octets": None, "tx_octets": None}]}, {}])
def test_what_is_not_told_is_none_and_not_nothing(lack):
    told = {key: value for key, value in LIBVIRT.items() if key != "nic_details"} | lack
    assert to_usage(told, remote_id="s1", taken_at=NOW).net_rx_bytes is None


def test_one_server_whose_host_is_away_costs_the_others_nothing():
    with small_cloud() as cloud, administrator(cloud) as driver:
        cloud.tell(path("s1"), said(500, {"computeFault": {"code": 500, "message": "Unexpected API Error."}}))
        cloud.tell(path("s2"), said(200, LIBVIRT))
        cloud.tell(path("s3"), said(409, {"conflictingRequest": {"code": 409, "message": "vm_state stopped"}}))
        assert [usage.remote_id for usage in driver.metrics.usages(["s1", "s2", "s3", "gone"])] == ["s2"]


def test_when_nova_answers_for_none_it_is_away():
    with small_cloud() as cloud, administrator(cloud) as driver:
        cloud.tell(path("s1"), Answer(503, b"{}"))
        with pytest.raises(Unavailable):
            driver.metrics.usages(["s1"])


def test_a_round_asks_for_a_part_and_for_a_few_at_once(monkeypatch):
    monkeypatch.setattr(metrics, "MOST", 3)
    ids = [f"s{number}" for number in range(5)]
    with small_cloud() as cloud, administrator(cloud) as driver:
        for remote_id in ids:
            cloud.tell(path(remote_id), said(200, LIBVIRT))
        assert len(driver.metrics.usages(ids)) == 3
        assert [cloud.count("GET", path(remote_id)) for remote_id in ids] == [1, 1, 1, 0, 0]


def test_a_round_ends_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(metrics, "ROUND_S", 0.2)
    monkeypatch.setattr(metrics, "AT_ONCE", 1)
    with small_cloud() as cloud, administrator(cloud) as driver:
        for remote_id in ("s1", "s2"):
            cloud.tell(path(remote_id), Answer(200, b"{}", wait_s=0.3))
        driver.metrics.usages(["s1", "s2"])
        assert cloud.count("GET", path("s2")) == 0


@pytest.mark.parametrize(("answer", "offered"), [(said(200, LIBVIRT), True), (POLICY, False)])
def test_it_is_offered_where_the_policy_lets_us_ask(answer, offered):
    with small_cloud() as cloud, administrator(cloud) as driver:
        cloud.tell("/compute/servers", RUNNING)
        cloud.tell(path("s1"), answer)
        assert (Feature.METRICS in driver.features) is offered


def test_while_no_server_runs_nothing_is_offered_and_later_it_is():
    with small_cloud() as cloud, administrator(cloud) as driver:
        cloud.tell("/compute/servers", said(200, {"servers": []}))
        assert Feature.METRICS not in driver.features
        cloud.tell("/compute/servers", RUNNING)
        cloud.tell(path("s1"), said(200, LIBVIRT))
        driver.offered.looked_at = -1000
        assert Feature.METRICS in driver.features


def test_a_policy_that_refuses_says_so():
    with small_cloud() as cloud, administrator(cloud) as driver:
        cloud.tell(path("s1"), POLICY)
        with pytest.raises(Refused) as refused:
            driver.metrics.usages(["s1"])
        assert refused.value.reason is Reason.POLICY


def test_a_tenants_credential_has_none():
    with small_cloud() as cloud, closing(connect("openstack", cloud.settings(place_id="p"))) as driver:
        cloud.tell("/compute/servers", RUNNING)
        cloud.tell(path("s1"), said(200, LIBVIRT))
        assert driver.metrics is None
        assert Feature.METRICS not in driver.features


@pytest.mark.openstack
def test_a_real_nova_tells_what_a_server_uses(admin, shared_project):
    with shared_project.connection() as connection:
        image = connection.image.find_image("tiny")
        flavor = connection.compute.find_flavor("m1.nano")
        how = {"image_id": image.id, "flavor_id": flavor.id, "networks": [{"uuid": shared_project.network()}]}
        server = connection.compute.create_server(name="metrics", **how)
        connection.compute.wait_for_server(server, wait=120)
        try:
            with closing(connect("openstack", admin.settings)) as driver:
                [usage] = driver.metrics.usages([server.id])
                assert Feature.METRICS in driver.features
        finally:
            connection.compute.delete_server(server)
    assert usage.remote_id == server.id
    assert usage.cpu_ns is not None
    assert usage.net_rx_bytes is not None
