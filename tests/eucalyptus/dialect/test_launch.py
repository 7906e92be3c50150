"""Rules 3, 8, 9: launches, tokens, the two ways to be refused, states that take their time."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from . import dialect
from .clients import ask, client, code_of, image_of, launch, state_of


@pytest.fixture
def slow():
    with dialect(delays_s={"launch": 15, "stop": 10, "terminate": 5, "image": 120}) as cloud:
        ec2 = client(cloud, "ec2", cloud.lab_key)
        yield cloud, ec2
        ec2.close()


def test_the_same_token_gives_the_instances_of_the_first_call(cloud, ec2):
    asked = {"ImageId": image_of(cloud), "InstanceType": "m1.small", "ClientToken": "one"}
    first = ec2.run_instances(MinCount=2, MaxCount=2, **asked)
    again = ec2.run_instances(MinCount=1, MaxCount=1, **asked | {"InstanceType": "m1.large"})
    ids = [[i["InstanceId"] for i in answer["Instances"]] for answer in (first, again)]
    assert ids[0] == ids[1]
    assert first["ReservationId"] == again["ReservationId"]
    assert len(cloud.instances) == 2


def test_a_token_counts_in_its_own_account_only(cloud, ec2):
    other = client(cloud, "ec2", cloud.outside.create_account("other"))
    assert launch(ec2, cloud, ClientToken="one") != launch(other, cloud, ClientToken="one")
    other.close()


def test_quota_and_full_nodes_differ_by_message_only(cloud, ec2):
    cloud.outside.edit_quota("lab", vminstancenumber=1)
    over = code_of(launch, ec2=ec2, cloud=cloud, MinCount=2, MaxCount=2)
    cloud.outside.edit_quota("lab")
    cloud.outside.fill("zone-a")
    full = code_of(launch, ec2=ec2, cloud=cloud, Placement={"AvailabilityZone": "zone-a"})
    assert over == "ServiceUnavailable: Quota exceeded while trying to create: instance by user: admin"
    assert full == "ServiceUnavailable: Not enough resources (0 in zone-a < 1): vm instances."
    assert [asked.status for asked in cloud.requests] == [503, 503]


@pytest.mark.parametrize(("status", "code"), [(503, "InsufficientInstanceCapacity"), (500, "InternalFailure")])
def test_other_releases_may_name_it_otherwise(cloud, ec2, status, code):
    cloud.faults.capacity_status, cloud.faults.capacity_code = status, code
    cloud.outside.fill("zone-a")
    cloud.outside.fill("zone-b")
    assert code_of(launch, ec2=ec2, cloud=cloud).startswith(f"{code}: Not enough resources")
    assert cloud.requests[-1].status == status


def test_all_that_is_asked_for_counts_against_the_quota_and_what_fits_is_launched(cloud, ec2):
    cloud.zones["zone-a"].vcpus, cloud.zones["zone-b"].vcpus = 3, 1
    asked = {"ImageId": image_of(cloud), "InstanceType": "m1.small", "MinCount": 1}
    assert len(ec2.run_instances(MaxCount=5, **asked)["Instances"]) == 3
    cloud.outside.edit_quota("lab", vminstancenumber=4)
    assert "Quota exceeded" in code_of(ec2.run_instances, MaxCount=5, **asked)


@pytest.mark.parametrize("key", ["vminstancenumber", "vminstanceactivenumber", "cputotalsize", "memorytotalsize"])
def test_each_quota_of_a_launch_is_enforced(cloud, ec2, key):
    cloud.outside.edit_quota("lab", **{key: 0})
    assert "Quota exceeded" in code_of(launch, ec2=ec2, cloud=cloud)
    cloud.outside.edit_quota("lab", **{key: 10**6})
    assert launch(ec2, cloud)


def test_starts_are_checked_for_quotas_as_well(cloud, ec2):
    one = launch(ec2, cloud, root="ebs")
    ec2.describe_instances()
    ec2.stop_instances(InstanceIds=[one])
    assert state_of(ec2, one) == "stopped"
    cloud.outside.edit_quota("lab", cputotalsize=0)
    assert "Quota exceeded" in code_of(ec2.start_instances, InstanceIds=[one])
    cloud.outside.edit_quota("lab", cputotalsize=1)
    ec2.start_instances(InstanceIds=[one])
    assert state_of(ec2, one) == "running"


def test_administrators_are_never_limited(cloud, root):
    cloud.outside.edit_quota("eucalyptus", vminstancenumber=0)
    assert launch(root, cloud)


def test_states_take_their_time(slow):
    cloud, ec2 = slow
    one = launch(ec2, cloud, root="ebs")
    cloud.clock.advance(10)
    assert state_of(ec2, one) == "pending"
    cloud.clock.advance(6)
    assert state_of(ec2, one) == "running"
    ec2.stop_instances(InstanceIds=[one])
    assert state_of(ec2, one) == "stopping"
    cloud.clock.advance(11)
    assert state_of(ec2, one) == "stopped"
    done = ec2.terminate_instances(InstanceIds=[one])["TerminatingInstances"][0]
    assert (done["PreviousState"]["Name"], done["CurrentState"]["Name"]) == ("stopped", "terminated")


def test_an_image_takes_minutes(slow):
    cloud, ec2 = slow
    one = launch(ec2, cloud, root="ebs")
    image = ec2.create_image(InstanceId=one, Name="mine", NoReboot=True)["ImageId"]
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "pending"
    cloud.clock.advance(121)
    assert ec2.describe_images(Owners=["self"])["Images"][0]["State"] == "available"


def test_terminated_ones_stay_an_hour_and_a_second_time_removes_the_record(cloud, ec2):
    first, second = launch(ec2, cloud), launch(ec2, cloud)
    ec2.terminate_instances(InstanceIds=[first, second])
    assert {state_of(ec2, first), state_of(ec2, second)} == {"terminated"}
    ec2.terminate_instances(InstanceIds=[first])
    assert "NotFound" in code_of(ec2.describe_instances, InstanceIds=[first])
    cloud.clock.advance(3601)
    assert "NotFound" in code_of(ec2.describe_instances, InstanceIds=[second])


def test_tags_end_with_what_they_were_on(cloud, ec2):
    one = launch(ec2, cloud)
    ec2.create_tags(Resources=[one], Tags=[{"Key": "Name", "Value": "web"}])
    ec2.terminate_instances(InstanceIds=[one])
    assert len(ec2.describe_tags()["Tags"]) == 1
    cloud.clock.advance(3601)
    ec2.describe_tags()
    assert ec2.describe_tags()["Tags"] == []


def test_public_addresses_follow_the_mode(mode):
    with dialect(mode=mode) as cloud:
        ec2 = client(cloud, "ec2", cloud.lab_key)
        if mode == "edge":
            without = {"AddressingType": "private"}
        else:
            without = {
                "NetworkInterface__1__DeviceIndex": "0",
                "NetworkInterface__1__AssociatePublicIpAddress": "false",
            }
        asked = {"ImageId": image_of(cloud), "MinCount": "1", "MaxCount": "1", "InstanceType": "m1.small"}
        private = ask(cloud, "ec2", cloud.lab_key, "RunInstances", **asked, **without).one("instanceId")
        public = launch(ec2, cloud)
        ec2.describe_instances()
        assert cloud.instances[public].public_ip
        assert not cloud.instances[private].public_ip
        ec2.close()


def test_one_unknown_id_and_nothing_is_terminated(cloud, ec2):
    one = launch(ec2, cloud)
    assert code_of(ec2.terminate_instances, InstanceIds=[one, "i-00000000"]).startswith("InvalidInstanceID.NotFound")
    assert state_of(ec2, one) == "running"


def test_protected_ones_stay(cloud, ec2):
    one = launch(ec2, cloud, DisableApiTermination=True)
    assert code_of(ec2.terminate_instances, InstanceIds=[one]).startswith("OperationNotPermitted")
    ec2.modify_instance_attribute(InstanceId=one, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[one])
    assert state_of(ec2, one) == "terminated"


def test_only_ebs_instances_stop(cloud, ec2):
    one = launch(ec2, cloud)
    assert code_of(ec2.stop_instances, InstanceIds=[one]).startswith("UnsupportedOperation")
    assert code_of(ec2.start_instances, InstanceIds=[one]).startswith("UnsupportedOperation")


def test_the_type_changes_while_it_is_stopped(cloud, ec2):
    one = launch(ec2, cloud, root="ebs")
    ec2.describe_instances()
    change = {"InstanceId": one, "InstanceType": {"Value": "m1.large"}}
    assert code_of(ec2.modify_instance_attribute, **change).startswith("IncorrectInstanceState")
    ec2.stop_instances(InstanceIds=[one])
    ec2.describe_instances()
    ec2.modify_instance_attribute(**change)
    assert cloud.instances[one].type == "m1.large"
    assert "400 Bad Request" in code_of(
        ec2.modify_instance_attribute, InstanceId=one, Attribute="userData", Value="eA=="
    )


def test_the_console_is_text_of_running_instances(slow):
    cloud, ec2 = slow
    one = launch(ec2, cloud)
    assert code_of(ec2.get_console_output, InstanceId=one).startswith("InternalFailure")
    assert cloud.requests[-1].status == 500
    cloud.clock.advance(16)
    assert "login:" in ec2.get_console_output(InstanceId=one)["Output"]
    ec2.reboot_instances(InstanceIds=[one])
    assert ec2.get_console_output(InstanceId=one)["Output"].count("login:") == 2
    assert "ImageData" not in ec2.get_console_screenshot(InstanceId=one)


def test_the_password_of_windows_is_for_its_key(cloud, ec2):
    secret = ec2.create_key_pair(KeyName="alice")["KeyMaterial"]
    image = next(i.id for i in cloud.images.values() if i.platform)
    one = launch(ec2, cloud, ImageId=image, KeyName="alice")
    ec2.describe_instances()
    data = base64.b64decode(ec2.get_password_data(InstanceId=one)["PasswordData"])
    key = load_pem_private_key(secret.encode(), None)
    assert key.decrypt(data, padding.PKCS1v15()).decode() == f"Pass-{one}"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ImageId": "ami-00000000"}, "InvalidAMIID.NotFound"),
        ({"InstanceType": "z9.huge"}, "InvalidParameterValue"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"SecurityGroupIds": ["sg-00000000"]}, "InvalidGroup.NotFound"),
        ({"SubnetId": "subnet-00000000"}, "InvalidSubnetID.NotFound"),
        ({"Placement": {"AvailabilityZone": "zone-z"}}, "InvalidParameterValue"),
        ({"UserData": "x" * 16385}, "InvalidParameterValue"),
        ({"MinCount": 2, "MaxCount": 1}, "InvalidParameterValue"),
        ({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}]}, "InvalidBlockDeviceMapping"),
        ({"InstanceMarketOptions": {"MarketType": "spot"}}, "400 Bad Request"),
    ],
)
def test_what_a_launch_refuses(cloud, ec2, wrong, code):
    assert code_of(launch, ec2=ec2, cloud=cloud, **wrong).startswith(code)
    assert not cloud.instances


def test_16_kib_of_user_data_are_kept(cloud, ec2):
    one = launch(ec2, cloud, UserData="x" * 16384)
    found = ec2.describe_instance_attribute(InstanceId=one, Attribute="userData")["UserData"]["Value"]
    assert len(base64.b64decode(found)) == 16384


def test_an_image_that_is_larger_than_the_disk_of_the_type(edge, edge_ec2):
    edge.images[image_of(edge)].size_gib = 6
    assert code_of(launch, ec2=edge_ec2, cloud=edge).startswith("InvalidParameterCombination")
    assert launch(edge_ec2, edge, InstanceType="m1.medium")


def test_disks_of_ebs_images_become_volumes(cloud, ec2):
    disks = [
        {"DeviceName": "/dev/sda", "Ebs": {"VolumeSize": 20, "DeleteOnTermination": True}},
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "DeleteOnTermination": False}},
    ]
    one = launch(ec2, cloud, root="ebs", BlockDeviceMappings=disks)
    assert sorted(v["Size"] for v in ec2.describe_volumes()["Volumes"]) == [5, 20]
    ec2.terminate_instances(InstanceIds=[one])
    states = {v["Size"]: v["State"] for v in ec2.describe_volumes()["Volumes"]}
    assert states == {20: "deleted", 5: "available"}
    other = [{"DeviceName": "/dev/sda", "Ebs": {"SnapshotId": "snap-00000000"}}]
    refused = code_of(launch, ec2=ec2, cloud=cloud, root="ebs", BlockDeviceMappings=other)
    assert refused.startswith("InvalidBlockDeviceMapping")


def test_a_cloud_without_a_default_vpc():
    with dialect(has_default_vpc=False) as cloud:
        asked = {"ImageId": image_of(cloud), "MinCount": "1", "MaxCount": "1", "InstanceType": "m1.small"}
        assert ask(cloud, "ec2", cloud.lab_key, "RunInstances", **asked).one("Code") == "VPCIdNotSpecified"
