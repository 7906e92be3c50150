"""Rules 1 and 2: what an action of a release can bind, what it does not know, and what does nothing."""

from __future__ import annotations

import pytest
from botocore.session import Session

from . import dialect
from .clients import ask, client, code_of, image_of
from .parameters import Parameters, accepted, unknown


def test_an_unknown_parameter_is_refused_with_its_name_and_value(cloud, ec2):
    assert code_of(ec2.describe_instances, DryRun=True).startswith(
        "400 Bad Request: Failed to bind the following fields"
    )
    got = ask(cloud, "ec2", cloud.lab_key, "DescribeVpcs", MaxResults="5")
    assert (got.status, got.headers["Content-Type"]) == (400, "text/plain; charset=UTF-8")
    assert got.one("Message") == "Failed to bind the following fields:\nMaxResults = 5\n" == got.one("RequestID")


@pytest.mark.parametrize("action", ["DescribeImages", "DescribeSecurityGroups", "DescribeSubnets"])
def test_lists_that_have_no_pages_refuse_the_parameters_of_pages(cloud, action):
    assert ask(cloud, "ec2", cloud.lab_key, action).status == 200
    assert ask(cloud, "ec2", cloud.lab_key, action, NextToken="x").status == 400


def test_a_cloud_that_ignores_unknown_parameters(release):
    with dialect(release=release, strict=False) as cloud:
        assert ask(cloud, "ec2", cloud.lab_key, "DescribeVpcs", MaxResults="5").status == 200


def test_an_unknown_action_is_refused(cloud):
    got = ask(cloud, "ec2", cloud.lab_key, "DescribeCapacityReservations")
    assert (got.status, got.one("Code")) == (400, "400 Bad Request")


def test_what_does_nothing_answers_200_and_nothing(cloud, ec2):
    volume = ec2.create_volume  # bound below without ClientToken
    assert "ClientToken" in code_of(volume, AvailabilityZone="zone-a", Size=1)
    made = ask(cloud, "ec2", cloud.lab_key, "CreateVolume", AvailabilityZone="zone-a", Size="1").one("volumeId")
    assert ask(cloud, "ec2", cloud.lab_key, "ModifyVolume", VolumeId=made, Size="9").status == 200
    assert ec2.describe_volumes(VolumeIds=[made])["Volumes"][0]["Size"] == 1
    assert ask(cloud, "ec2", cloud.lab_key, "CopySnapshot", Whatever="1").all("snapshotId") == []


def test_tags_in_the_call_are_known_from_5_0_on(release):
    with dialect(release=release) as cloud:
        tags = {"TagSpecification__1__ResourceType": "instance", "TagSpecification__1__Tag__1__Key": "a"}
        asked = {"ImageId": image_of(cloud), "MinCount": "1", "MaxCount": "1", "InstanceType": "m1.medium", **tags}
        got = ask(cloud, "ec2", cloud.lab_key, "RunInstances", **asked)
        assert got.status == (400 if release == "4.4" else 200)
        assert ("TagSpecification" in got.text) == (release == "4.4")


def test_launch_templates_tell_the_release(release):
    with dialect(release=release) as cloud:
        assert ask(cloud, "ec2", cloud.lab_key, "DescribeLaunchTemplates").status == (400 if release == "4.4" else 200)


def test_an_action_that_this_server_lacks_says_so(cloud):
    got = ask(cloud, "ec2", cloud.lab_key, "BundleInstance", InstanceId="i-00000000")
    assert (got.status, got.one("Code")) == (500, "NotInThisDialect")


def test_iam_ignores_unknown_parameters(cloud):
    assert ask(cloud, "iam", cloud.lab_key, "GetUser", Whatever="1").status == 200


def test_indexes_are_bound_by_their_pattern():
    names = ["InstanceId.1", "InstanceId.27", "Filter.3.Value.12", "Filter.3.Values.1", "InstanceId", "Version"]
    assert unknown("5.1", "DescribeInstances", names) == ["Filter.3.Values.1", "InstanceId"]
    assert Parameters({"A.10": "z", "A.2": "y", "A.2.B": "x"}).many("A") == ["y", "z"]


def test_every_action_is_one_that_boto3_knows_or_one_of_eucalyptus():
    """The lists in data/ are the keys of all else; a slip in them would refuse everything."""
    boto3s = set(Session().get_service_model("ec2").operation_names)
    found = {name for names in (accepted("4.4"), accepted("5.1")) for name in names}
    assert found - boto3s == {"ModifyInstanceTypeAttribute", "MigrateInstances", "BundleRestartInstance"}


def test_a_number_that_is_none_is_not_bound(cloud, ec2):
    asked = {"ImageId": image_of(cloud), "MinCount": "one", "MaxCount": "1"}
    assert "MinCount = one" in ask(cloud, "ec2", cloud.lab_key, "RunInstances", **asked).one("Message")


def test_the_newest_binding_of_4_4_answers_a_later_date(edge):
    got = ask(edge, "ec2", edge.lab_key, "DescribeRegions")
    assert 'xmlns="http://ec2.amazonaws.com/doc/2016-09-15/"' in got.text
    made = client(edge, "ec2", edge.lab_key)
    assert made.describe_regions()["Regions"][0]["RegionName"] == "eucalyptus"
    made.close()
