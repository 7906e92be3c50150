"""What only Eucalyptus does: what it refuses, what it leaves out, what it does once and what again."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dashboard.clouds.drivers.eucalyptus import accepted, keypairs
from dashboard.clouds.interface import (
    Conflict,
    Feature,
    NotFound,
    Refused,
    Status,
    Unavailable,
)


def rsa_key():
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " me@here"


# --- what may be sent ---------------------------------------------------------------


def test_what_botocore_adds_by_itself_is_not_sent(cloud, driver):
    """Eucalyptus would refuse the call for it."""
    assert driver.ec2.call("create_volume", AvailabilityZone="zone-a", Size=1)["VolumeId"]
    assert "ClientToken" not in cloud.asked("CreateVolume")[0].parameters


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("describe_images", {"DryRun": False}),
        ("create_volume", {"AvailabilityZone": "zone-a", "Size": 1, "ClientToken": "mine"}),
        ("describe_security_groups", {"MaxResults": 5}),
        ("describe_fleets", {}),
    ],
)
def test_what_the_cloud_would_refuse_is_not_sent_at_all(cloud, driver, operation, parameters):
    assert driver.session.release == cloud.release
    before = len(cloud.requests)
    with pytest.raises(accepted.NotAccepted):
        driver.ec2.call(operation, **parameters)
    assert len(cloud.requests) == before


def test_a_launch_before_5_sends_no_tags_with_it_and_has_them_after_it(cloud, driver, spec):
    driver.compute.create(spec)
    (launched,) = cloud.asked("RunInstances")
    has_tags = any(name.startswith("TagSpecification") for name in launched.parameters)
    assert has_tags == (cloud.release != "4.4")
    assert driver.compute.find(spec.instance_id).name == "web"


# --- what is asked again, and what is not ----------------------------------------------


def test_a_write_is_sent_once(cloud, driver, spec):
    cloud.faults.next("unavailable", "RunInstances")
    with pytest.raises(Unavailable):
        driver.compute.create(spec)
    assert len(cloud.asked("RunInstances")) == 1


def test_a_read_is_asked_again(cloud, driver):
    list(driver.compute.list())
    before = len(cloud.asked("DescribeInstances"))
    cloud.faults.next("unavailable", "DescribeInstances", times=2)
    assert list(driver.compute.list()) == []
    assert len(cloud.asked("DescribeInstances")) == before + 3


def test_a_launch_whose_answer_was_lost_is_found_and_made_once(cloud, driver, spec):
    cloud.faults.next("lost", "RunInstances")
    with pytest.raises(Unavailable):
        driver.compute.create(spec)
    found = driver.compute.find(spec.instance_id)
    assert found.mark.instance_id == spec.instance_id
    assert driver.compute.create(spec).id == found.id
    assert [one.mark.instance_id for one in driver.compute.list()] == [spec.instance_id]


def test_tags_that_got_lost_before_5_are_written_again(cloud, driver, spec):
    cloud.faults.next("unavailable", "CreateTags")
    assert driver.compute.create(spec).name == "web"


# --- what it is -----------------------------------------------------------------------------------


def test_it_finds_out_its_release_and_its_networks(cloud, driver):
    assert (driver.session.release, driver.session.has_vpc) == (cloud.release, cloud.mode == "vpc")
    assert (Feature.NETWORKS in driver.features) == (cloud.mode == "vpc")


def test_a_subnet_lies_in_its_zone_and_the_one_network_of_edge_in_all(cloud, driver):
    zones = [(network.zone, network.is_external) for network in driver.networks.networks()]
    assert zones == [("zone-a" if cloud.mode == "vpc" else "", False), ("", True)]


def test_what_is_not_said_to_be_windows_is_another_system(driver):
    found = {image.name: image.is_windows for image in driver.images.list()}
    assert found == {"Debian 12 cloud": False, "CentOS 7 on ebs": False, "Windows Server 2016": True}


def test_what_is_without_effect_there_is_not_offered(driver):
    never = {Feature.RESIZE, Feature.SERVER_GROUPS, Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL, Feature.SNAPSHOT}
    assert not driver.features & never
    assert driver.consoles is None


def test_rows_for_people_are_no_zones(cloud, admin, driver):
    assert driver.placing.zones() == ("zone-a",)
    cloud.zones["zone-a"].state = "unavailable"
    assert driver.placing.zones() == ()


def test_kernels_and_ramdisks_are_no_images(cloud, driver):
    listed = {image.id for image in driver.images.list()}
    assert listed == {image.id for image in cloud.images.values() if image.kind == "machine"}


# --- instances ----------------------------------------------------------------------------------------


def test_one_of_the_instance_store_cannot_be_stopped_and_says_so(driver, spec):
    remote = driver.compute.create(spec)
    assert not driver.compute.get(remote.id).keeps_disk
    with pytest.raises(Refused, match=r"^UnsupportedOperation"):
        driver.compute.stop(remote.id)
    assert driver.compute.get(remote.id).status is Status.ACTIVE


@pytest.fixture
def on_a_volume(cloud, spec):
    """A launch of an instance that can be stopped."""
    image = cloud.add_image("tiny", root="ebs", size_gib=1, snapshot=next(iter(cloud.snapshots)))
    return replace(spec, image_id=image.id)


def test_its_root_volume_is_its_disk_and_no_other_volume_unless_it_outlasts_it(cloud, driver, on_a_volume):
    remote = driver.compute.create(on_a_volume)
    assert remote.volume_ids == ()
    (root,) = (volume for volume in cloud.volumes.values() if volume.instance == remote.id)
    root.ends_with_instance = False
    assert driver.compute.get(remote.id).volume_ids == (root.id,)


def test_what_a_stop_takes_of_the_addresses_is_what_is_declared(cloud, driver, on_a_volume):
    """With VPC the private one stays, and what nobody allocated goes; in EDGE both are others afterwards."""
    remote = driver.compute.create(on_a_volume)
    private, public = driver.compute.get(remote.id).addresses
    driver.compute.stop(remote.id)
    driver.compute.start(remote.id)
    now = driver.compute.get(remote.id).addresses
    assert Feature.ADDRESSES_STAY not in driver.features
    assert (private in now) == (Feature.PORTS_STAY in driver.features)
    assert (private in now) == (cloud.mode == "vpc")
    assert cloud.mode == "edge" or public not in now


def test_of_one_that_does_not_run_there_is_no_log(cloud, driver, spec):
    remote = driver.compute.create(spec)
    cloud.outside.set_state(remote.id, "stopped")
    with pytest.raises(Conflict, match=r"^NotRunning"):
        driver.compute.console_log(remote.id)


def test_the_password_of_windows_is_told_to_the_holder_of_its_key_and_only_while_it_runs(cloud, driver, spec):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    image_id = next(image.id for image in cloud.images.values() if image.platform)
    remote = driver.compute.create(replace(spec, image_id=image_id, public_key=public, disk_gib=30))
    data = driver.compute.password_data(remote.id)
    assert key.decrypt(base64.b64decode(data), padding.PKCS1v15()).decode() == f"Pass-{remote.id}"
    cloud.outside.set_state(remote.id, "stopped")
    with pytest.raises(Conflict, match=r"^NotRunning"):
        driver.compute.password_data(remote.id)


def test_verbose_is_no_id(driver):
    with pytest.raises(NotFound):
        driver.compute.get("verbose")


def test_a_type_that_is_gone_leaves_sizes_unknown(cloud, driver, spec):
    remote = driver.compute.create(spec)
    cloud.outside.remove_type(spec.flavor_id)
    driver.flavors.list()
    (listed,) = driver.compute.list()
    assert (listed.id, listed.vcpus, listed.flavor_name) == (remote.id, 0, spec.flavor_id)


def test_a_launch_carries_key_group_zone_and_data(cloud, driver, spec):
    given = {"public_key": rsa_key(), "zone": "zone-a", "user_data": "#cloud-config\n", "tags": ("blue",)}
    remote = driver.compute.create(replace(spec, **given))
    assert (remote.zone, remote.tags) == ("zone-a", ("blue",))
    assert remote.key_name == keypairs.name_of(given["public_key"])
    assert cloud.asked("RunInstances")[0].parameters["UserData"] == "I2Nsb3VkLWNvbmZpZwo="
    driver.forget_key(given["public_key"])
    assert not cloud.key_pairs


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_key": "ssh-ed25519 AAAA me"},
        {"user_data": "x" * 16385},
        {"metadata": {"role": ""}},
        {"metadata": {"aws:x": "1"}},
        {"boot_volume_gib": 5},
    ],
)
def test_what_it_cannot_do_is_refused_before_anything_is_made(cloud, driver, spec, wrong):
    with pytest.raises(Refused):
        driver.compute.create(replace(spec, **wrong))
    assert not cloud.asked("RunInstances")
