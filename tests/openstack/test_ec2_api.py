"""Our Eucalyptus driver on an EC2 that nobody here wrote and that checks signatures: OpenStack's ec2-api (lab/ec2.py).

Real here and nowhere else of what the driver is tried on: a create token that makes no second instance, the filter for
it, states that take time, and the check of EC2's signatures. What is replaced: the path, since ec2-api is at `/`; and
the sizes, since what Eucalyptus answers to DescribeInstanceTypes no other EC2 does. It is taken for a 4.4, rightly: it
has no launch templates, and tags come in a second call.

Left out, since ec2-api is not so, or not on a Neutron of today: IAM and STS; subnets and interfaces (it cannot make
any); rules that are taken away (it finds none, and says NotFound); an unknown access key (AuthFailure, but 404).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from dashboard.clouds.drivers.eucalyptus import endpoints
from dashboard.clouds.interface import (
    AuthFailed,
    LaunchSpec,
    NotFound,
    Reason,
    Refused,
    RemoteFlavor,
    RuleSpec,
    Status,
)
from dashboard.clouds.registry import connect

from .lab import ec2
from .lab.place import REGION
from .projects import ec2_key

pytestmark = [pytest.mark.openstack, pytest.mark.slow]

TINY = RemoteFlavor(id="m1.tiny", name="m1.tiny", vcpus=1, ram_mib=512, disk_gib=1)
WITHIN_S = 120
RULES = [
    RuleSpec(direction="ingress", protocol=protocol, port_min=port, port_max=port, cidr="192.0.2.0/24")
    for protocol, port in (("tcp", 80), ("icmp", 0), ("", 0))
]


@pytest.fixture(scope="module")
def address(openstack_lab) -> Iterator[str]:
    began = ec2.begin(openstack_lab)
    yield openstack_lab.url("ec2")
    if began:
        ec2.end(openstack_lab)


@pytest.fixture(scope="module")
def key(admin, shared_project) -> dict[str, str]:
    return ec2_key(admin, shared_project)


@pytest.fixture
def enter(address, key, shared_project, monkeypatch):
    monkeypatch.setattr(endpoints, "PATHS", dict.fromkeys(endpoints.PATHS, "/"))
    where = {"endpoint": address, "allow_local": "yes", "region": REGION, "place_id": shared_project.id}
    return lambda **settings: closing(connect("eucalyptus", {**where, **key, **settings}))


@pytest.fixture
def driver(enter):
    with enter() as driver:
        driver.flavors._kept, driver.flavors._read_at = {TINY.id: TINY}, time.monotonic()
        yield driver


@pytest.fixture
def image_id(driver) -> str:
    return next(image.id for image in driver.images.list() if image.name == "tiny")


@pytest.fixture
def spec(image_id) -> LaunchSpec:
    return LaunchSpec(
        instance_id="0b5f6f6e-ours",
        tenant_id="tenant",
        operation_id="operation",
        name="web",
        image_id=image_id,
        flavor_id=TINY.id,
        vcpus=TINY.vcpus,
        ram_mib=TINY.ram_mib,
        disk_gib=TINY.disk_gib,
        zone="nova",
        tags=("blue",),
        metadata={"role": "x"},
        user_data="#!/bin/sh\n",
    )


@pytest.fixture
def vpc(driver) -> Iterator[str]:
    made = driver.ec2.call("create_vpc", CidrBlock="10.88.0.0/16")["Vpc"]["VpcId"]
    yield made
    driver.ec2.call("delete_vpc", VpcId=made)


def wait_until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(1)


def test_it_is_taken_for_a_release_without_launch_templates(driver):
    assert driver.session.release == "4.4"


def test_zones_images_networks_and_groups_are_read(driver):
    assert driver.placing.zones() == ("nova",)
    assert {"demo", "tiny"} <= {image.name for image in driver.images.list()}
    assert [network.name for network in driver.networks.networks()] == ["public"]
    (group,) = [group for group in driver.networks.security_groups() if group.name == "default"]
    assert [(rule.protocol, rule.port_min, rule.port_max) for rule in group.rules] == [("", 0, 0)]
    assert b"<regionName>RegionOne</regionName>" in driver.session.query("ec2", "DescribeRegions", {})


def test_a_wrong_secret_is_said_to_be_one(enter):
    with enter(secret_key="wrong") as driver, pytest.raises(AuthFailed):
        driver.placing.zones()


def test_an_instance_from_its_launch_to_its_end(driver, spec):
    made = driver.compute.create(spec)
    try:
        assert driver.compute.create(spec).id == made.id
        wait_until(lambda: driver.compute.get(made.id).status is Status.ACTIVE)
        (remote,) = driver.compute.list()
        assert remote == driver.compute.find(spec.instance_id) == driver.compute.get(made.id)
        assert (remote.name, remote.tags, remote.metadata, remote.zone) == ("web", ("blue",), {"role": "x"}, "nova")
        assert remote.mark.instance_id == spec.instance_id
        assert (remote.image_id, remote.ram_mib, len(remote.addresses)) == (spec.image_id, 512, 1)
        driver.compute.stop(made.id)
        wait_until(lambda: driver.compute.get(made.id).status is Status.SHUTOFF)
        driver.compute.stop(made.id)
        driver.compute.start(made.id)
        wait_until(lambda: driver.compute.get(made.id).status is Status.ACTIVE)
        driver.compute.reboot(made.id)
        driver.lifecycle.rename(made.id, name="db")
        driver.lifecycle.set_metadata(made.id, metadata={"role": "y"})
        changed = driver.compute.get(made.id)
        assert (changed.name, changed.tags, changed.metadata) == ("db", ("blue",), {"role": "y"})
    finally:
        driver.compute.delete(made.id)
    wait_until(lambda: not list(driver.compute.list()))
    with pytest.raises(NotFound):
        driver.compute.get(made.id)


def test_what_is_not_there_is_told_by_its_kind(driver, spec):
    with pytest.raises(NotFound):
        driver.compute.get("i-01234567")
    driver.compute.delete("i-01234567")
    with pytest.raises(Refused) as refused:
        driver.images.one("ami-01234567")
    assert refused.value.reason is Reason.IMAGE_MISSING


def test_a_group_and_its_rules_are_told_as_they_were_given(driver, vpc):
    group = driver.networks.create_security_group(mark="m-1", name="web", description="for the web")
    assert driver.networks.create_security_group(mark="m-1", name="web", description="for the web") == group
    rules = [driver.networks.add_rule(group.id, spec) for spec in RULES]
    assert driver.networks.add_rule(group.id, RULES[0]) == rules[0]
    (found,) = [one for one in driver.networks.security_groups() if one.id == group.id]
    assert (found.mark, found.description, set(found.rules)) == ("m-1", "for the web", set(rules))
    driver.networks.delete_security_group(group.id)
    driver.networks.delete_security_group(group.id)


def test_an_address_is_allocated_once_and_released(driver):
    address = driver.networks.allocate(mark="m-2", network_id="public")
    assert driver.networks.allocate(mark="m-2", network_id="public").id == address.id
    driver.networks.release(address.id)
    assert driver.networks.floating_ips() == ()
