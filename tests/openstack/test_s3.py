"""What the Eucalyptus driver asks of S3, on a server that nobody here wrote and that checks signatures: Swift's s3api.

What is replaced is the path, since Swift has S3 at `/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from dashboard.clouds.drivers.eucalyptus import endpoints, session
from dashboard.clouds.drivers.eucalyptus.storage import buckets
from dashboard.clouds.interface import AuthFailed, CloudError

from .projects import ec2_key

pytestmark = [pytest.mark.openstack, pytest.mark.slow]
REGION = "us-east-1"


@pytest.fixture
def key(admin, project) -> dict[str, str]:
    return ec2_key(admin, project)


@pytest.fixture
def address(project) -> str:
    with project.connection() as connection:
        parts = urlsplit(connection.object_store.get_endpoint())
        return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture
def enter(address, monkeypatch) -> Iterator[Callable[..., session.Session]]:
    monkeypatch.setitem(endpoints.PATHS, "s3", "/")
    entered: list[session.Session] = []

    def enter(**settings: str) -> session.Session:
        entered.append(session.Session({"endpoint": address, "region": REGION, "allow_local": "yes", **settings}))
        return entered[-1]

    yield enter
    for one in entered:
        one.close()


def test_what_is_left_is_counted_and_a_wrong_secret_is_no_empty_account(key, address, enter):
    assert buckets(enter(**key)) == []
    how = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": key["access_key"], "aws_secret_access_key": key["secret_key"]}
    with closing(boto3.client("s3", endpoint_url=address, region_name=REGION, config=how, **keys)) as s3:
        s3.create_bucket(Bucket="left-behind")
        try:
            assert buckets(enter(**key)) == ["left-behind"]
        finally:
            s3.delete_bucket(Bucket="left-behind")
    with pytest.raises(CloudError) as raised:
        buckets(enter(**key | {"secret_key": "wrong"}))
    assert isinstance(raised.value, AuthFailed)
