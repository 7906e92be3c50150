"""What is said of an instance that the cloud put into ERROR."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import Fetched
from dashboard.instances import inventory
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.quotas.models import Quota

NO_HOST = "No valid host was found. "
HOST = {
    "name": "h1",
    "kind": "QEMU",
    "state": "up",
    "vcpus": 8,
    "vcpus_used": 8,
    "ram_mib": 4096,
    "ram_used_mib": 0,
    "disk_gib": 100,
    "disk_used_gib": 0,
}


@pytest.fixture
def faults(cloud, fake_path):
    return Faults(str(fake_path))


def cause() -> str:
    return str(Operation.objects.get().failure.cause)


def test_no_valid_host_says_what_was_asked_for(launch, work, faults):
    faults.end_in_error(NO_HOST)
    instance = launch()
    work()
    assert "small asks for 1 vCPU, 512 MiB of memory and 5 GiB of disk." in cause()
    instance.refresh_from_db()
    assert (instance.failure, instance.failure_values["flavor"]) == ("no-host-has-room", "small")


@pytest.mark.parametrize(("given", "said"), [({}, "vCPUs"), ({"vcpus_used": 0, "ram_used_mib": 4000}, "memory")])
def test_it_says_what_no_host_has_enough_of_by_the_last_look_at_placement(launch, work, faults, cloud, given, said):
    other = HOST | {"name": "h2", "state": "down", "vcpus_used": 0}
    Fetched.objects.create(cloud=cloud, what="hosts", items=[HOST | given, other], read_at=timezone.now())
    faults.end_in_error(NO_HOST)
    launch()
    work()
    assert f"What no host has enough of: {said}." in cause()


@pytest.mark.parametrize("age_s", [0, 3600])
def test_it_says_nothing_of_hosts_that_have_room_or_were_looked_at_long_ago(launch, work, faults, cloud, age_s):
    used = 8 if age_s else 0
    Fetched.objects.create(
        cloud=cloud,
        what="hosts",
        items=[HOST | {"vcpus_used": used}],
        read_at=timezone.now() - timedelta(seconds=age_s),
    )
    faults.end_in_error(NO_HOST)
    launch()
    work()
    assert "What no host has enough of" not in cause()


def test_rules_that_leave_no_host_are_told_from_hosts_without_room(launch, work, faults):
    faults.end_in_error(NO_HOST + "There are not enough hosts available.")
    launch()
    work()
    assert Operation.objects.get().error_code == "no-host-by-rules"
    assert "its rules leave none" in cause()


LIMIT = "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances"


def test_a_limit_that_the_cloud_found_after_it_had_accepted_is_asked_about_once_more(launch, work, faults, cloud, lab):
    """Of two that race for the last place Nova may refuse both, in the fault of a server that it had accepted."""
    faults.end_in_error(LIMIT)
    instance = launch()
    work()
    instance.refresh_from_db()
    assert (instance.status, instance.failure, instance.fault) == ("ACTIVE", "", "")
    assert [remote.id for remote in cloud.driver().compute.list()] == [instance.remote_id]
    assert [step.state for step in Operation.objects.get().steps.all()] == ["done", "done"]
    assert Quota.objects.get(tenant=lab, resource="instances").used == 1


def test_a_limit_that_is_found_twice_is_said_with_its_numbers(launch, work, faults, cloud):
    faults.end_in_error(LIMIT, times=2)
    instance = launch()
    work()
    assert "It allows 10 instances; 10 are used and 1 more were asked for." in cause()
    instance.refresh_from_db()
    assert (instance.status, instance.failure) == ("ERROR", "cloud-limit")
    assert len(list(cloud.driver().compute.list())) == 1


@pytest.mark.parametrize("rings", [2, 3, 4, 5])
def test_whoever_takes_over_half_way_leaves_exactly_one(launch, work, faults, cloud, rings):
    faults.end_in_error(LIMIT)
    instance = launch()
    for _ in range(rings):
        Operation.objects.open().update(due_at=long_ago(), lease_until=long_ago())
        run.advance(Operation.objects.get().pk)
    inventory.sync_cloud(cloud.pk)
    work()
    instance.refresh_from_db()
    assert (instance.status, instance.deleted_at) == ("ACTIVE", None)
    assert len(list(cloud.driver().compute.list())) == 1
