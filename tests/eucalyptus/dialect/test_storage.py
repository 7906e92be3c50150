"""Rule 14: as much of S3 as emptying an account needs."""

from __future__ import annotations

import pytest

from . import dialect
from .clients import client, code_of, send

BOTO3S = {"request_checksum_calculation": "when_supported"}


@pytest.fixture
def s3(cloud):
    made = client(cloud, "s3", cloud.lab_key)
    yield made
    made.close()


def test_an_account_is_emptied(s3):
    s3.create_bucket(Bucket="data")
    for number in range(3):
        s3.put_object(Bucket="data", Key=f"a b/ü{number}", Body=b"x" * number)
    assert s3.get_object(Bucket="data", Key="a b/ü2")["Body"].read() == b"xx"
    assert code_of(s3.delete_bucket, Bucket="data").startswith("BucketNotEmpty")
    listed = s3.list_objects_v2(Bucket="data")["Contents"]
    assert [(one["Key"], one["Size"]) for one in listed] == [("a b/ü0", 0), ("a b/ü1", 1), ("a b/ü2", 2)]
    s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": one["Key"]} for one in listed[:2]]})
    s3.delete_object(Bucket="data", Key=listed[2]["Key"])
    s3.delete_bucket(Bucket="data")
    assert s3.list_buckets()["Buckets"] == []


def test_lists_have_pages_and_no_encoding(s3):
    s3.create_bucket(Bucket="data")
    for name in ("a", "b", "c%20d"):
        s3.put_object(Bucket="data", Key=name, Body=b"")
    first = s3.list_objects_v2(Bucket="data", MaxKeys=2)
    assert "EncodingType" not in first
    rest = s3.list_objects_v2(Bucket="data", ContinuationToken=first["NextContinuationToken"])
    assert [one["Key"] for one in first["Contents"] + rest["Contents"]] == ["a", "b", "c%20d"]
    pages = s3.get_paginator("list_objects").paginate(Bucket="data", PaginationConfig={"PageSize": 1})
    assert len([one for page in pages for one in page["Contents"]]) == 3


def test_what_boto3_sends_by_itself_over_tls_is_refused():
    """A checksum in the trailer. With the settings of `client` the same object is stored."""
    with dialect(tls="modern") as cloud:
        trusted = {"verify": str(cloud.certificate)}
        usual = client(cloud, "s3", cloud.lab_key, s3={"addressing_style": "path"}, **trusted, **BOTO3S)
        ours = client(cloud, "s3", cloud.lab_key, **trusted)
        ours.create_bucket(Bucket="data")
        refused = code_of(usual.put_object, Bucket="data", Key="a", Body=b"x")
        assert refused.endswith("x-amz-content-sha256 is not known: STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        assert cloud.buckets["data"].objects == {}
        ours.put_object(Bucket="data", Key="a", Body=b"x")
        assert cloud.buckets["data"].objects["a"].content == b"x"
        ours.close(), usual.close()


@pytest.mark.parametrize(
    "call", ["get_bucket_website", "get_bucket_encryption", "get_bucket_replication", "get_object_lock_configuration"]
)
def test_features_that_are_not_there(s3, call):
    s3.create_bucket(Bucket="data")
    assert code_of(getattr(s3, call), Bucket="data").startswith("NotImplemented")


def test_names_of_buckets_are_of_the_whole_cloud(cloud, s3):
    s3.create_bucket(Bucket="data")
    other = client(cloud, "s3", cloud.outside.create_account("other"))
    assert code_of(s3.create_bucket, Bucket="data").startswith("BucketAlreadyOwnedByYou")
    assert code_of(other.create_bucket, Bucket="data").startswith("BucketAlreadyExists")
    assert code_of(other.list_objects_v2, Bucket="data").startswith("AccessDenied")
    assert code_of(s3.list_objects_v2, Bucket="none").startswith("NoSuchBucket")
    other.close()


def test_a_presigned_address_expires(cloud, s3):
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="a", Body=b"hello")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "data", "Key": "a"}, ExpiresIn=60)
    target = url.partition(f":{cloud.port}")[2]
    assert send(cloud, "GET", target, {}).text == "hello"
    cloud.clock.advance(75)
    assert send(cloud, "GET", target, {}).status == 200
    cloud.clock.advance(10)
    expired = send(cloud, "GET", target, {})
    assert (expired.status, expired.one("Code")) == (403, "AccessDenied")
