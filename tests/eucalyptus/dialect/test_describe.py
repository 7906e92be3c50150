"""Rules 5, 6, 7, 12: what lists show, and whose; types and zones in their own shapes; ids."""

from __future__ import annotations

import re

import pytest

from . import dialect
from .clients import ask, client, code_of, image_of, launch


def ids(answer) -> list[str]:
    return [i["InstanceId"] for r in answer["Reservations"] for i in r["Instances"]]


def test_all_come_at_once_in_any_order_whatever_the_page_size():
    with dialect(instances=30) as cloud:
        ec2 = client(cloud, "ec2", cloud.lab_key)
        first, second = ec2.describe_instances(MaxResults=5), ec2.describe_instances(MaxResults=5)
        assert len(ids(first)) == 30
        assert "NextToken" not in first
        assert sorted(ids(first)) == sorted(ids(second))
        assert ids(first) != ids(second)
        ec2.close()


def test_an_administrator_sees_its_own_account_unless_it_says_verbose():
    with dialect(instances=2) as cloud:
        root, lab = client(cloud, "ec2", cloud.root_key), client(cloud, "ec2", cloud.lab_key)
        assert ids(root.describe_instances()) == []
        assert len(ids(root.describe_instances(InstanceIds=["verbose"]))) == 2
        assert len(ids(root.describe_instances(InstanceIds=ids(lab.describe_instances())[:1]))) == 1
        root.close(), lab.close()


def test_verbose_of_a_tenant_shows_no_others(cloud, ec2):
    other = client(cloud, "ec2", cloud.outside.create_account("other"))
    launch(other, cloud)
    assert ids(ec2.describe_instances(InstanceIds=["verbose"])) == []
    other.close()


def test_tags_are_those_of_the_account_that_asks(cloud, ec2, root):
    one = launch(ec2, cloud)
    ec2.create_tags(Resources=[one], Tags=[{"Key": "Name", "Value": "web"}])
    seen = root.describe_instances(InstanceIds=["verbose"])["Reservations"][0]["Instances"][0]
    assert "Tags" not in seen
    root.create_tags(Resources=[one], Tags=[{"Key": "Name", "Value": "of the administrator"}])
    assert ec2.describe_tags()["Tags"][0]["Value"] == "web"
    assert ids(ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["w?b"]}])) == [one]
    assert ids(ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["of*"]}])) == []


def test_the_owner_of_the_reservation_is_the_account(cloud, ec2, root):
    launch(ec2, cloud)
    found = root.describe_instances(InstanceIds=["verbose"])["Reservations"][0]
    assert found["OwnerId"] == cloud.lab_key.user.account.id


def test_one_unknown_id_fails_the_whole_call(cloud, ec2):
    one = launch(ec2, cloud)
    assert code_of(ec2.describe_instances, InstanceIds=[one, "i-00000000"]).startswith("InvalidInstanceID.NotFound")


def test_an_id_of_the_wrong_form_has_its_own_code(ec2):
    assert code_of(ec2.describe_instances, InstanceIds=["web"]).startswith("InvalidInstanceID.Malformed")
    assert code_of(ec2.describe_security_groups, GroupIds=["web"]).startswith("InvalidGroupId.Malformed")
    assert code_of(ec2.describe_volumes, VolumeIds=["web"]).startswith("InvalidParameterValue")


def test_an_unknown_filter_is_refused(ec2):
    refused = code_of(ec2.describe_instances, Filters=[{"Name": "colour", "Values": ["red"]}])
    assert refused == "InvalidParameterValue: The filter 'colour' is invalid"


def test_filters_are_of_exact_values_with_wildcards(cloud, ec2):
    one = launch(ec2, cloud)
    assert ids(ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running", "x"]}])) == [one]
    assert ids(ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["run"]}])) == []
    assert ids(ec2.describe_instances(Filters=[{"Name": "instance-type", "Values": ["m1.s*"]}])) == [one]


@pytest.mark.parametrize("root", ["instance-store", "ebs"])
def test_fields_are_missing(mode, root):
    with dialect(mode=mode) as cloud:
        ec2 = client(cloud, "ec2", cloud.lab_key)
        launch(ec2, cloud, root=root)
        found = ec2.describe_instances()["Reservations"][0]["Instances"][0]
        assert not {"StateReason", "Hypervisor", "EbsOptimized"} & found.keys()
        assert ("RootDeviceName" in found) == (root == "ebs")
        assert ("VpcId" in found, "SubnetId" in found) == ((mode == "vpc"),) * 2
        assert found["KeyName"] == ""
        ec2.close()


def test_a_pending_instance_has_no_addresses_yet(edge):
    edge.delays_s["launch"] = 30
    ec2 = client(edge, "ec2", edge.lab_key)
    launch(ec2, edge)
    found = ec2.describe_instances()["Reservations"][0]["Instances"][0]
    assert (found["PublicIpAddress"], found["PrivateIpAddress"]) == ("0.0.0.0", "0.0.0.0")
    edge.clock.advance(31)
    found = ec2.describe_instances()["Reservations"][0]["Instances"][0]
    assert found["PublicIpAddress"].startswith("203.0.113.")
    ec2.close()


@pytest.mark.parametrize(("digits", "prefix"), [(8, "emi"), (17, "ami"), (17, "emi")])
def test_ids_of_both_lengths_and_names(digits, prefix):
    with dialect(digits=digits, image_prefix=prefix, instances=1) as cloud:
        assert re.fullmatch(rf"i-[0-9a-f]{{{digits}}}", next(iter(cloud.instances)))
        assert re.fullmatch(rf"{prefix}-[0-9a-f]{{{digits}}}", image_of(cloud))
        kinds = {i.kind: i.id[:4] for i in cloud.images.values()}
        assert (kinds["kernel"], kinds["ramdisk"]) == (f"{prefix[0]}ki-", f"{prefix[0]}ri-")


def test_boto3_sees_no_types_and_a_raw_request_does(cloud, ec2):
    assert not ec2.describe_instance_types().get("InstanceTypes")
    got = ask(cloud, "ec2", cloud.lab_key, "DescribeInstanceTypes")
    assert got.text.startswith("<DescribeInstanceTypesResponseType ")
    assert len(got.all("name")) == 142
    assert not got.all("available")


def test_types_of_4_4_are_fewer_and_far_smaller(edge):
    assert len(ask(edge, "ec2", edge.lab_key, "DescribeInstanceTypes").all("name")) == 18
    got = ask(edge, "ec2", edge.lab_key, "DescribeInstanceTypes", InstanceType__1="m1.small")
    assert (got.one("cpu"), got.one("memory"), got.one("disk")) == ("1", "256", "5")


def test_availability_is_for_administrators_and_types_compete(edge, edge_ec2):
    asked = {"Availability": "true", "InstanceType__1": "m1.small"}
    refused = ask(edge, "ec2", edge.lab_key, "DescribeInstanceTypes", **asked)
    assert (refused.status, refused.one("Code")) == (403, "AuthFailure")
    launch(edge_ec2, edge, InstanceType="c1.medium", Placement={"AvailabilityZone": "zone-a"})
    got = ask(edge, "ec2", edge.root_key, "DescribeInstanceTypes", **asked)
    assert dict(zip(got.all("zoneName"), got.all("available"), strict=True)) == {"zone-a": "62", "zone-b": "64"}
    assert got.all("max") == ["64", "64"]


def test_verbose_zones_are_text_for_administrators(cloud):
    rows = ask(cloud, "ec2", cloud.root_key, "DescribeAvailabilityZones", ZoneName__1="verbose").all("zoneName")
    assert rows[0] == "zone-a"
    assert "|- m1.small" in rows
    plain = ask(cloud, "ec2", cloud.root_key, "DescribeAvailabilityZones").all("zoneName")
    theirs = ask(cloud, "ec2", cloud.lab_key, "DescribeAvailabilityZones", ZoneName__1="verbose").all("zoneName")
    assert sorted(plain) == sorted(theirs) == ["zone-a", "zone-b"]


def test_images_have_an_owner_and_those_who_may_use_them(cloud, ec2):
    private = cloud.add_image("secret", is_public=False)
    assert private.id not in [i["ImageId"] for i in ec2.describe_images()["Images"]]
    private.shared_with.add(cloud.lab_key.user.account.id)
    assert [i["Name"] for i in ec2.describe_images(ExecutableUsers=["self"])["Images"]] == ["secret"]
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    kinds = {i["ImageType"] for i in ec2.describe_images()["Images"]}
    assert kinds == {"machine", "kernel", "ramdisk"}
    assert code_of(ec2.describe_images, ImageIds=["ami-00000000"]).startswith("InvalidAMIID.NotFound")


def test_deregistered_images_are_gone_but_for_verbose(cloud, ec2, root):
    one = ask(cloud, "ec2", cloud.lab_key, "RegisterImage", ImageLocation="a/b.manifest.xml", Name="mine").one(
        "imageId"
    )
    ec2.deregister_image(ImageId=one)
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    states = {i["ImageId"]: i["State"] for i in root.describe_images(ImageIds=["verbose"])["Images"]}
    assert states[one] == "deregistered"


def test_tags_have_limits(cloud, ec2):
    one = launch(ec2, cloud)
    for key in ("aws:x", "euca:x", "k" * 129):
        assert code_of(ec2.create_tags, Resources=[one], Tags=[{"Key": key, "Value": ""}]).startswith(
            "InvalidParameterValue"
        )
    many = [{"Key": f"k{number}", "Value": "v"} for number in range(51)]
    assert code_of(ec2.create_tags, Resources=[one], Tags=many).startswith("TagLimitExceeded")
    ec2.create_tags(Resources=[one], Tags=many[:50])
    ec2.delete_tags(Resources=[one], Tags=[{"Key": "k0"}, {"Key": "k1", "Value": "other"}])
    assert len(ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["instance"]}])["Tags"]) == 49
    assert code_of(ec2.create_tags, Resources=["i-00000000"], Tags=many[:1]).startswith("InvalidInstanceID.NotFound")
