"""What people do with S3 by the AWS profile that “API access” hands out, on a real S3 that nobody here wrote: Swift's.

What is replaced is the path, since Swift has S3 at `/`. Objects are not the dashboard's: this is about the profile.
"""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
import requests
from boto3 import Session
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from dashboard.clouds.drivers.eucalyptus import endpoints
from dashboard.clouds.drivers.eucalyptus.access_files import files

from .projects import ec2_key

pytestmark = [pytest.mark.openstack, pytest.mark.slow]
MIB = 1024 * 1024
KEY = "Größe/☃ & <b>.txt"


@pytest.fixture
def sent() -> list[str]:
    """How each request said what its body is."""
    return []


@pytest.fixture
def s3(admin, project, tmp_path, monkeypatch, sent) -> Iterator[Any]:
    """A client that knows nothing but the two files, with the key of a project's member."""
    monkeypatch.setitem(endpoints.PATHS, "s3", "/")
    with project.connection() as connection:
        parts = urlsplit(connection.object_store.get_endpoint())
    settings = {"endpoint": f"{parts.scheme}://{parts.netloc}", "region": "us-east-1"}
    made = {file.name: file.text for file in files(settings, ec2_key(admin, project), name="lab")}
    for name, variable in (("lab-aws-config", "CONFIG_FILE"), ("lab-aws-credentials", "SHARED_CREDENTIALS_FILE")):
        (tmp_path / name).write_text(made[name])
        monkeypatch.setenv(f"AWS_{variable}", str(tmp_path / name))
    client = Session(botocore_session=botocore.session.Session(profile="lab")).client("s3")
    client.meta.events.register("before-send.s3", lambda request, **_: note(sent, request))
    yield client
    client.close()


@pytest.fixture
def bucket(s3) -> Iterator[str]:
    name = f"tools-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)


def note(sent: list[str], request: Any) -> None:
    header = request.headers.get("X-Amz-Content-SHA256", b"")
    sent.append(header.decode() if isinstance(header, bytes) else header)


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_objects_are_put_read_in_part_copied_listed_and_deleted_together(s3, bucket, sent):
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"0123456789", ContentType="text/plain")
    found = s3.get_object(Bucket=bucket, Key=KEY)
    assert (found["Body"].read(), found["ContentType"]) == (b"0123456789", "text/plain")
    part = s3.get_object(Bucket=bucket, Key=KEY, Range="bytes=3-5")
    assert (part["Body"].read(), part["ResponseMetadata"]["HTTPStatusCode"]) == (b"345", 206)
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": KEY})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"0123456789"
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert sorted(listed) == sorted([KEY, "copy"])
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in listed]})
    assert sorted(one["Key"] for one in gone["Deleted"]) == sorted(listed)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert is_understood(sent)


def test_a_hundred_mebibytes_go_in_parts(s3, bucket, sent):
    body = b"".join(bytes([number]) * MIB for number in range(100))
    how = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(body), bucket, "large", Config=how)
    about = s3.head_object(Bucket=bucket, Key="large")
    assert about["ContentLength"] == 100 * MIB
    assert about["ETag"].strip('"').endswith("-13")
    seam = 8 * MIB
    found = s3.get_object(Bucket=bucket, Key="large", Range=f"bytes={seam - 2}-{seam + 1}")["Body"].read()
    assert found == body[seam - 2 : seam + 2]
    assert is_understood(sent)


def test_links_that_are_signed_beforehand_let_in_for_their_time_and_for_what_was_signed(s3, bucket):
    where = {"Bucket": bucket, "Key": KEY}
    link = s3.generate_presigned_url("put_object", Params={**where, "ContentType": "text/plain"}, ExpiresIn=60)
    assert requests.put(link, b"x", headers={"Content-Type": "text/html"}, timeout=20).status_code == 403
    assert requests.put(link, b"x", headers={"Content-Type": "text/plain"}, timeout=20).status_code == 200
    link = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    assert requests.get(link, timeout=20).content == b"x"
    link = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=1)
    time.sleep(2.5)
    assert requests.get(link, timeout=20).status_code == 403


def test_what_it_does_not_have_is_told_as_that(s3, bucket):
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_policy(Bucket=bucket, Policy="{}")
    assert code_of(raised) == (501, "NotImplemented")
    with pytest.raises(ClientError) as raised:
        s3.delete_bucket(Bucket=f"{bucket}-no")
    assert code_of(raised) == (404, "NoSuchBucket")


def is_understood(sent: list[str]) -> bool:
    """Eucalyptus knows the body's digest and `UNSIGNED-PAYLOAD`, and none of the newer forms."""
    return bool(sent) and all(one == "UNSIGNED-PAYLOAD" or len(one) == 64 for one in sent)
