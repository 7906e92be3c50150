"""Each row of the table of errors (data/errors.json) can be had here, with its status, code and message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from . import Dialect, dialect
from .accounts import Key
from .clients import Got, ask, client, code_of, image_of
from .parameters import data

ROWS = {row["when"]: row for row in data("errors")["errors"]}


def ec2(cloud: Dialect, action: str, **parameters: str) -> Got:
    return ask(cloud, "ec2", cloud.lab_key, action, **parameters)


def run(cloud: Dialect, **more: str) -> Got:
    usual = {"ImageId": image_of(cloud), "MinCount": "1", "MaxCount": "1", "InstanceType": "m1.small"}
    return ec2(cloud, "RunInstances", **usual | more)


def running(cloud: Dialect, root: str = "instance-store", **more: str) -> str:
    made = run(cloud, ImageId=image_of(cloud, root), **more).one("instanceId")
    ec2(cloud, "DescribeInstances")
    return made


def full(cloud: Dialect) -> Got:
    cloud.outside.fill("zone-a"), cloud.outside.fill("zone-b")
    return run(cloud)


def limited(cloud: Dialect, key: str, action: str, **parameters: str) -> Got:
    cloud.outside.edit_quota("lab", **{key: 0})
    return run(cloud) if action == "RunInstances" else ec2(cloud, action, **parameters)


def no_rights(cloud: Dialect) -> Got:
    ask(cloud, "iam", cloud.lab_key, "CreateUser", UserName="bob")
    made = ask(cloud, "iam", cloud.lab_key, "CreateAccessKey", UserName="bob")
    bob = Key(made.one("AccessKeyId"), made.one("SecretAccessKey"), cloud.lab_key.user, 0)
    return ask(cloud, "ec2", bob, "DescribeRegions")


def faulty(cloud: Dialect, kind: str) -> Got:
    cloud.faults.next(kind)
    return ec2(cloud, "DescribeRegions")


def attached_nowhere(cloud: Dialect) -> Got:
    made = ec2(cloud, "CreateVolume", AvailabilityZone="zone-a", Size="1").one("volumeId")
    return ec2(cloud, "DetachVolume", VolumeId=made)


def tagged(cloud: Dialect, *keys: str) -> Got:
    tags = {f"Tag__{number}__Key": key for number, key in enumerate(keys, 1)}
    return ec2(cloud, "CreateTags", ResourceId__1=running(cloud), **tags)


def unset_clock(cloud: Dialect) -> Got:
    cloud.faults.clock_ahead_s = 3600
    return ec2(cloud, "DescribeRegions")


PROTECTED = {"DisableApiTermination": "true"}
HAD: dict[str, tuple[Callable[[Dialect], Got], int, str]] = {
    "unknown parameter or unknown action (EC2)": (lambda c: ec2(c, "DescribeVpcs", A="b"), 400, "400 Bad Request"),
    "bad signature, unknown or inactive key, clock off by more than 20 s ahead or 15 min behind": (
        unset_clock, 403, "403 Forbidden",
    ),
    "request over 300 KB or start line over 4 KB, headers over 8 KB": (
        lambda c: ec2(c, "DescribeVpcs", A="b" * 310_000), 400, "400 Bad Request",
    ),
    "no permission (EC2)": (no_rights, 403, "UnauthorizedOperation"),
    "RunInstances: no room on the nodes": (full, 503, "ServiceUnavailable"),
    "RunInstances/StartInstances: quota hit": (
        lambda c: limited(c, "vminstancenumber", "RunInstances"), 503, "ServiceUnavailable",
    ),
    "CreateVolume: quota or size limit": (
        lambda c: limited(c, "volumenumber", "CreateVolume", AvailabilityZone="zone-a", Size="1"),
        400, "VolumeLimitExceeded",
    ),
    "VPC or gateway quota": (
        lambda c: limited(c, "vpcnumber", "CreateVpc", CidrBlock="10.0.0.0/16"), 400, "VpcLimitExceeded",
    ),
    "AllocateAddress: no free address or quota": (
        lambda c: limited(c, "addressnumber", "AllocateAddress"), 500, "InternalFailure",
    ),
    "other handler failure (plain cloud exception)": (lambda c: faulty(c, "internal"), 500, "InternalFailure"),
    "backend service down": (lambda c: faulty(c, "unavailable"), 503, "ServiceUnavailable"),
    "id unknown": (lambda c: ec2(c, "DescribeVolumes", VolumeId__1="vol-00000000"), 400, "InvalidVolume.NotFound"),
    "id of the wrong form": (
        lambda c: ec2(c, "DescribeInstances", InstanceId__1="x"), 400, "InvalidInstanceID.Malformed",
    ),
    "stop of an instance-store instance": (
        lambda c: ec2(c, "StopInstances", InstanceId__1=running(c)), 400, "UnsupportedOperation",
    ),
    "stop/terminate in a wrong state": (
        lambda c: ec2(c, "StartInstances", InstanceId__1=running(c, "ebs")), 400, "IncorrectInstanceState",
    ),
    "termination protection or instance migrating": (
        lambda c: ec2(c, "TerminateInstances", InstanceId__1=running(c, **PROTECTED)), 400, "OperationNotPermitted",
    ),
    "volume attached already / not attached": (attached_nowhere, 400, "IncorrectState"),
    "reserved tag prefix (aws:, euca:), key over 128": (lambda c: tagged(c, "euca:x"), 400, "InvalidParameterValue"),
    "more than 50 tags": (lambda c: tagged(c, *(f"k{n}" for n in range(51))), 400, "TagLimitExceeded"),
    "IAM: exists / missing / not allowed / in use / bad name / bad policy": (
        lambda c: ask(c, "iam", c.lab_key, "CreateAccount", AccountName="x"), 403, "NotAuthorized",
    ),
}  # fmt: skip
ON_S3 = next(when for when in ROWS if when.startswith("S3 unsupported sub-resource"))


def test_no_row_is_left_out():
    assert set(HAD) | {ON_S3} == set(ROWS)


@pytest.mark.parametrize("when", list(HAD))
def test_each_error_can_be_had(when):
    act, status, code = HAD[when]
    row = ROWS[when]
    with dialect() as cloud:
        got = act(cloud)
    assert (got.status, got.one("Code")) == (status, code)
    assert str(status) in str(row["http"])
    assert code in row["code"]
    assert got.headers["Content-Type"].startswith("text/plain" if "pre-service" in row["body"] else "application/xml")


def test_each_feature_that_s3_lacks():
    with dialect() as cloud:
        s3: Any = client(cloud, "s3", cloud.lab_key)
        s3.create_bucket(Bucket="data")
        assert code_of(s3.get_bucket_website, Bucket="data").startswith(ROWS[ON_S3]["code"])
        assert str(cloud.requests[-1].status) == str(ROWS[ON_S3]["http"])
        s3.close()
