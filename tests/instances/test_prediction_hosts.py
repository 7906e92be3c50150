"""What each host could take of a launch, and what it lacks."""

import pytest

from dashboard.clouds.interface import RemoteHost
from dashboard.instances.prediction.estimate import nearest_rank
from dashboard.instances.prediction.hosts import fitting, rooms
from dashboard.instances.prediction.wanted import Size
from dashboard.instances.prediction.words import alike

ONE = Size(vcpus=2, ram_mib=2048, disk_gib=20)


def host(name="kvm-1", **changed):
    room = {"vcpus": 8, "ram_mib": 8192, "disk_gib": 100, "zone": "a"} | changed
    return RemoteHost(name=name, kind="QEMU", state=room.pop("state", "up"), **room)


def said(hosts, *, size=ONE, wanted=1, **options):
    return [(group.text, group.names) for group in alike(rooms(hosts, size, **{"zone": ""} | options), wanted=wanted)]


def fits(hosts, *, size=ONE, **options):
    return fitting(rooms(hosts, size, **{"zone": ""} | options), policy=options.get("policy", ""))


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "room for it"),
        ({"ram_used_mib": 7168}, "1 GiB of memory missing"),
        ({"ram_used_mib": 6200}, "56 MiB of memory missing"),
        ({"vcpus_used": 7}, "1 vCPU missing"),
        ({"vcpus": 1, "disk_used_gib": 90}, "1 vCPU missing, 10 GiB of disk missing"),
        ({"vcpus_used": 99}, "2 vCPUs missing"),
        ({"state": "down"}, "down"),
        ({"state": "disabled"}, "takes no new instances"),
        ({"state": "<odd>"}, "in the state “<odd>”"),
        ({"disk_gib": 1, "disks_grow": True}, "room for it"),
        ({"disk_gib": 1, "disk_used_gib": 1, "disks_grow": True}, "1 GiB of disk missing"),
        ({"vcpus": 0, "ram_mib": 0, "disk_gib": 0}, "room for it"),
    ],
)
def test_a_host_says_exactly_what_it_lacks(changed, text):
    assert said([host(**changed)]) == [(text, ["kvm-1"])]


def test_a_host_of_another_zone_says_so():
    assert said([host(zone="b")], zone="a") == [("in the zone b", ["kvm-1"])]
    assert fits([host(zone="b"), host(zone="a")], zone="a") == 4


def test_hosts_of_which_the_same_is_true_are_said_together_those_with_most_room_first():
    hosts = [host("a", ram_used_mib=7168), host("b"), host("c", ram_used_mib=4096), host("d"), host("e", state="down")]
    assert said(hosts, wanted=3) == [
        ("room for all 3", ["b", "d"]), ("room for 2", ["c"]), ("1 GiB of memory missing", ["a"]), ("down", ["e"]),
    ]  # fmt: skip


def test_a_server_group_keeps_its_instances_apart_or_together():
    hosts = [host("a"), host("b"), host("c", vcpus=2)]
    assert fits(hosts) == 9
    assert fits(hosts, policy="anti-affinity") == 3
    assert fits(hosts, policy="anti-affinity", members={"a"}) == 2
    assert fits(hosts, policy="affinity") == 4
    assert fits(hosts, policy="affinity", members={"c"}) == 1
    assert fits(hosts, policy="soft-anti-affinity", members={"a"}) == 9


@pytest.mark.parametrize(("count", "median", "most"), [(1, 0, 0), (2, 0, 1), (10, 4, 8), (11, 5, 9), (50, 24, 44)])
def test_ranks(count, median, most):
    assert (nearest_rank(count, 0.5), nearest_rank(count, 0.9)) == (median, most)
