"""Our driver on a server that nobody here wrote: moto's, for EC2, IAM and STS (https://docs.getmoto.org).

It shows that boto3, our signatures and our reading of answers fit together. What is replaced: the paths, since moto
has all services at `/`; and the sizes, since what Eucalyptus answers to DescribeInstanceTypes no other EC2 does.

Left out, since moto is not so: create tokens (each launch is a new instance) and the filter for them, accounts and
limits, `verbose`, parameters that are refused, room and quota errors, states that take time, the check of signatures.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest
import urllib3

from dashboard.clouds.drivers.eucalyptus import accepted, endpoints
from dashboard.clouds.interface import NotFound, RemoteFlavor, RuleSpec, Status
from dashboard.clouds.registry import connect

pytestmark = pytest.mark.slow

WITHIN_S = 60
TINY = RemoteFlavor(id="t2.micro", name="t2.micro", vcpus=1, ram_mib=1024, disk_gib=8)


@pytest.fixture(scope="module")
def moto():
    """Its address. Images of Amazon are left out: 1,301 of them take seconds."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(port):
    ends_at = time.monotonic() + WITHIN_S
    while time.monotonic() < ends_at:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("moto does not answer")


@pytest.fixture
def driver(moto, monkeypatch):
    """Of an empty cloud."""
    with urllib3.PoolManager() as pools:
        pools.request("POST", f"{moto}/moto-api/reset")
    monkeypatch.setattr(endpoints, "PATHS", dict.fromkeys(endpoints.PATHS, "/"))
    where = {
        "endpoint": moto,
        "allow_local": "yes",
        "region": "us-east-1",
        "release": "5.1",
        "place_id": "123456789012",
    }
    with closing(connect("eucalyptus", {**where, "access_key": "AKIDEMO", "secret_key": "demo"})) as driver:
        driver.flavors._kept, driver.flavors._read_at = {TINY.id: TINY}, time.monotonic()
        yield driver


@pytest.fixture
def image_id(driver):
    snapshot = driver.ec2.call(
        "create_snapshot", VolumeId=driver.ec2.call("create_volume", AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    )
    mapped = [{"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": snapshot["SnapshotId"], "VolumeSize": 1}}]
    made = driver.ec2.call("register_image", Name="ours", RootDeviceName="/dev/sda1", BlockDeviceMappings=mapped)
    return made["ImageId"]


@pytest.fixture
def launched(driver, image_id):
    """By boto3 through our wire. Not by `compute.create`, which looks for what moto's filters do not know."""
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "blue", "Value": ""}]}]
    how = {"ImageId": image_id, "InstanceType": TINY.id, "MinCount": 1, "MaxCount": 1, "TagSpecifications": tags}
    return driver.ec2.call("run_instances", **how)["Instances"][0]["InstanceId"]


def test_it_signs_in(driver):
    assert driver.place().id == "123456789012"


def test_create_volume_is_sent_without_what_botocore_adds(driver):
    assert driver.ec2.call("create_volume", AvailabilityZone="us-east-1a", Size=2)["Size"] == 2
    with pytest.raises(accepted.NotAccepted):
        driver.ec2.call("create_volume", AvailabilityZone="us-east-1a", Size=2, ClientToken="mine")


def test_an_instance_is_read_as_any_ec2_tells_it(driver, launched, image_id):
    (remote,) = driver.compute.list()
    assert (remote.id, remote.name, remote.status) == (launched, "web", Status.ACTIVE)
    assert (remote.vcpus, remote.ram_mib, remote.image_id, remote.tags) == (1, 1024, image_id, ("blue",))
    assert remote.addresses
    assert remote.zone == "us-east-1a"
    assert driver.compute.get(launched) == remote


def test_it_is_stopped_started_rebooted_renamed_and_ended(driver, launched):
    driver.compute.stop(launched)
    assert driver.compute.get(launched).status is Status.SHUTOFF
    driver.compute.start(launched)
    driver.compute.reboot(launched)
    driver.lifecycle.rename(launched, name="db")
    driver.lifecycle.set_metadata(launched, metadata={"role": "x"})
    remote = driver.compute.get(launched)
    assert (remote.status, remote.name, remote.metadata) == (Status.ACTIVE, "db", {"role": "x"})
    assert driver.compute.console_log(launched)
    driver.compute.delete(launched)
    assert list(driver.compute.list()) == []
    with pytest.raises(NotFound):
        driver.compute.get(launched)


def test_what_is_not_there_is_not_found(driver):
    with pytest.raises(NotFound):
        driver.compute.get("i-0123456789abcdef0")
    driver.compute.delete("i-0123456789abcdef0")


def test_zones_networks_and_groups_are_read(driver):
    assert "us-east-1a" in driver.placing.zones()
    assert driver.session.has_vpc
    assert any(network.subnets for network in driver.networks.networks())
    assert "default" in {group.name for group in driver.networks.security_groups()}


def test_a_group_and_its_rules(driver):
    group = driver.networks.create_security_group(mark="m-1", name="web", description="for the web")
    assert driver.networks.create_security_group(mark="m-1", name="web").id == group.id
    rule = driver.networks.add_rule(
        group.id, RuleSpec(direction="ingress", protocol="tcp", port_min=80, port_max=80, cidr="192.0.2.0/24")
    )
    driver.networks.add_rule(
        group.id, RuleSpec(direction="ingress", protocol="tcp", port_min=80, port_max=80, cidr="192.0.2.0/24")
    )
    (found,) = [one for one in driver.networks.security_groups() if one.id == group.id]
    assert rule.id in {one.id for one in found.rules}
    driver.networks.remove_rule(rule.id)
    driver.networks.delete_security_group(group.id)
    assert group.id not in {one.id for one in driver.networks.security_groups()}


def test_an_address_is_allocated_led_to_an_instance_and_released(driver, launched):
    address = driver.networks.allocate(mark="m-2", network_id="public")
    assert driver.networks.allocate(mark="m-2", network_id="public").id == address.id
    port = next(port for port in driver.networks.ports() if port.instance_id == launched)
    driver.networks.associate(address.id, port_id=port.id)
    assert address.address in driver.compute.get(launched).addresses
    driver.networks.disassociate(address.id)
    driver.networks.release(address.id)
    assert driver.networks.floating_ips() == ()
