"""Who may speak at all: signatures of version 4, keys, clocks, sizes, and where a service is found."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from . import dialect
from .accounts import Key
from .clients import ask, client, send


def refusal(cloud, key: Key) -> ClientError:
    sts = client(cloud, "sts", key)
    with pytest.raises(ClientError) as caught:
        sts.get_caller_identity()
    sts.close()
    return caught.value


def test_a_good_signature_says_who_one_is(cloud):
    got = ask(cloud, "sts", cloud.lab_key, "GetCallerIdentity")
    assert (got.status, got.one("Account")) == (200, cloud.lab_key.user.account.id)


def test_a_wrong_secret_is_refused_before_the_service(cloud):
    wrong = Key(cloud.lab_key.id, "wrong", cloud.lab_key.user, 0)
    got = ask(cloud, "sts", wrong, "GetCallerIdentity")
    assert (got.status, got.headers["Content-Type"]) == (403, "text/plain; charset=UTF-8")
    assert refusal(cloud, wrong).response["Error"] == {
        "Code": "403 Forbidden",
        "Message": "Signature validation failed",
    }


def test_a_body_that_was_changed_after_signing_is_refused(cloud):
    with patch("tests.eucalyptus.dialect.clients.send") as held:
        ask(cloud, "sts", cloud.lab_key, "GetCallerIdentity")
    method, target, headers, body = held.call_args.args[1:]
    assert send(cloud, method, target, headers, body).status == 200
    assert send(cloud, method, target, headers, body + "&UserName=admin").status == 403


def test_an_inactive_and_an_unknown_key_are_told_apart(cloud):
    unknown = Key("AKI00000000000000000", "x", cloud.lab_key.user, 0)
    assert "Invalid access key" in str(refusal(cloud, unknown))
    cloud.outside.deactivate_key(cloud.lab_key.id)
    assert "not active" in str(refusal(cloud, cloud.lab_key))


@pytest.mark.parametrize(("ahead_s", "status"), [(15, 200), (40, 403), (-800, 200), (-1000, 403)])
def test_the_clock_may_be_20_s_ahead_and_15_minutes_behind(cloud, ahead_s, status):
    cloud.faults.clock_ahead_s = -ahead_s
    assert ask(cloud, "sts", cloud.lab_key, "GetCallerIdentity").status == status


def test_a_signature_in_the_address_is_as_good(cloud):
    url = f"http://127.0.0.1:{cloud.port}/services/compute?Action=DescribeRegions&Version=2016-11-15"
    request = AWSRequest("GET", url)
    SigV4QueryAuth(Credentials(cloud.lab_key.id, cloud.lab_key.secret), "ec2", "anywhere", 60).add_auth(request)
    target = request.url.partition(f":{cloud.port}")[2]
    assert send(cloud, "GET", target, {}).one("regionName") == "eucalyptus"
    assert send(cloud, "GET", target.replace("DescribeRegions", "DescribeImages"), {}).status == 403
    cloud.clock.advance(60 + 21)
    assert send(cloud, "GET", target, {}).status == 403


def test_no_signature_is_refused(cloud):
    assert send(cloud, "POST", "/services/compute", {}, "Action=DescribeRegions").status == 403


@pytest.mark.parametrize("label", ["ec2", "compute"])
def test_a_service_is_found_by_its_name_too(cloud, label):
    host = f"{label}.cloud.example.org:8773"
    got = ask(cloud, "ec2", cloud.lab_key, "DescribeRegions", path="/", host=host)
    assert (got.status, cloud.requests[-1].service) == (200, "ec2")


def test_a_path_of_no_service_is_refused(cloud):
    assert ask(cloud, "ec2", cloud.lab_key, "DescribeRegions", path="/other", host="cloud.example.org").status == 404


def test_a_request_over_300_kb_is_refused(cloud):
    assert ask(cloud, "ec2", cloud.lab_key, "DescribeRegions", Long="x" * 310_000).status == 400
    assert "larger than" in ask(cloud, "iam", cloud.lab_key, "GetUser", Long="x" * 310_000).one("Message")
    assert send(cloud, "GET", f"/services/compute?{'x' * 4100}", {}).status == 400
    assert send(cloud, "GET", "/services/compute", {"X-Long": "x" * 8200}).status == 400


def test_the_log_tells_whose_call_it_was(cloud):
    ask(cloud, "ec2", cloud.lab_key, "DescribeInstances", InstanceId__1="i-00000000")
    asked = cloud.requests[-1]
    assert (asked.service, asked.action, asked.key_id) == ("ec2", "DescribeInstances", cloud.lab_key.id)
    assert (asked.account, asked.status, asked.code) == (
        cloud.lab_key.user.account.id,
        400,
        "InvalidInstanceID.NotFound",
    )
    assert asked.parameters["InstanceId.1"] == "i-00000000"


def test_time_moves_on_for_tokens_and_not_for_signatures():
    with dialect() as cloud:
        before = cloud.clock.now()
        cloud.clock.advance(timedelta(days=1).total_seconds())
        assert cloud.clock.now() - before > 86_000
        assert datetime.fromtimestamp(cloud.clock.now(), UTC) - datetime.now(UTC) > timedelta(hours=23)
        assert ask(cloud, "sts", cloud.lab_key, "GetCallerIdentity").status == 200
        assert time.time() < cloud.clock.now()
