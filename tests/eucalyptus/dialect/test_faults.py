"""Rule 13: what goes wrong on demand, on the wire and in the answer; and what happens behind one's back."""

from __future__ import annotations

import http.client
import socket
import ssl
import xml.etree.ElementTree as ET

import pytest
from botocore.exceptions import ClientError, ConnectionError, EndpointConnectionError, HTTPClientError, SSLError

from . import dialect
from .clients import ask, client, code_of, launch, send


def test_a_clock_that_is_off(cloud):
    cloud.faults.next("clock")
    got = ask(cloud, "ec2", cloud.lab_key, "DescribeRegions")
    assert (got.status, got.one("Code")) == (403, "403 Forbidden")
    assert "clock" in got.one("Message")
    assert ask(cloud, "ec2", cloud.lab_key, "DescribeRegions").status == 200


def test_no_backend_and_a_full_cloud_have_their_own_messages(cloud, ec2):
    cloud.faults.next("unavailable", "RunInstances")
    assert code_of(launch, ec2=ec2, cloud=cloud) == "ServiceUnavailable: Service Unavailable"
    cloud.faults.next("capacity", "RunInstances")
    assert code_of(launch, ec2=ec2, cloud=cloud).startswith("ServiceUnavailable: Not enough resources")
    cloud.faults.next("internal", "DescribeInstances", times=2)
    assert [code_of(ec2.describe_instances)[:15] for _ in range(3)] == ["InternalFailure"] * 2 + ["not refused"]


def test_a_lost_answer_was_done_and_a_dropped_call_was_not(cloud, ec2):
    cloud.faults.next("lost", "RunInstances")
    with pytest.raises((ConnectionError, HTTPClientError)):
        launch(ec2, cloud, ClientToken="one")
    assert len(cloud.instances) == 1
    assert cloud.requests[-1].status == 200
    again = launch(ec2, cloud, ClientToken="one")
    assert list(cloud.instances) == [again]
    cloud.faults.next("dropped", "RunInstances")
    with pytest.raises((ConnectionError, HTTPClientError)):
        launch(ec2, cloud)
    assert len(cloud.instances) == 1


def test_a_fault_can_wait_for_its_call(cloud):
    cloud.faults.next("internal", "DescribeRegions", after=2)
    asked = [ask(cloud, "ec2", cloud.lab_key, "DescribeRegions").status for _ in range(4)]
    assert asked == [200, 200, 500, 200]


def test_half_an_answer(cloud):
    cloud.faults.next("cut")
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(cloud, "ec2", cloud.lab_key, "DescribeImages")
    assert caught.value.partial


def test_60_mb_come_well_formed(cloud):
    cloud.faults.next("huge")
    got = ask(cloud, "ec2", cloud.lab_key, "DescribeRegions")
    assert len(got.text) == 60 * 10**6
    assert got.text.endswith("</DescribeRegionsResponse>")
    assert got.one("regionName") == "eucalyptus"


def test_entities_and_web_pages(cloud):
    cloud.faults.next("entities")
    got = ask(cloud, "ec2", cloud.lab_key, "DescribeRegions")
    assert got.text.startswith("<!DOCTYPE x [<!ENTITY")
    assert "&b;" in got.text
    cloud.faults.next("page")
    page = ask(cloud, "ec2", cloud.lab_key, "DescribeRegions")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html")


def test_markup_in_every_name_is_escaped(cloud, ec2):
    ec2.create_key_pair(KeyName="alice")
    launch(ec2, cloud, KeyName="alice")
    cloud.outside.hostile_names()
    for action in ("DescribeImages", "DescribeKeyPairs", "DescribeSecurityGroups", "DescribeInstances"):
        text = ask(cloud, "ec2", cloud.lab_key, action).text
        assert "&lt;script&gt;" in text
        ET.fromstring(text)
    assert ec2.describe_key_pairs()["KeyPairs"][0]["KeyName"].startswith("<script>alert('x')</script>&\"]]>")


def test_a_connection_ends_after_100_requests(cloud):
    line = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=5)
    closed = 0
    for _ in range(250):
        line.request("POST", "/services/compute", "Action=DescribeRegions")
        answer = line.getresponse()
        answer.read()
        closed += answer.getheader("Connection") == "close"
    line.close()
    assert closed == 2


def test_an_idle_connection_is_closed(cloud):
    cloud.faults.idle_s = 0.3
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=5) as line:
        assert line.recv(1) == b""
    line = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=5)
    line.request("POST", "/services/compute", "Action=DescribeRegions")
    line.getresponse().read()
    assert line.sock.recv(1) == b""
    line.close()


def test_what_others_do_meanwhile(cloud, ec2):
    one, two = launch(ec2, cloud), launch(ec2, cloud)
    ec2.describe_instances()
    cloud.outside.terminate(one)
    cloud.outside.bury(two)
    cloud.outside.remove_type("m1.small")
    found = ec2.describe_instances()["Reservations"]
    assert [(r["Instances"][0]["InstanceId"], r["Instances"][0]["State"]["Name"]) for r in found] == [
        (one, "terminated")
    ]
    assert code_of(launch, ec2=ec2, cloud=cloud).startswith("InvalidParameterValue")
    assert code_of(ec2.start_instances, InstanceIds=[two]).startswith("InvalidInstanceID.NotFound")
    cloud.outside.set_state(one, "running", reason="node lost")
    assert ec2.describe_instances()["Reservations"][0]["Instances"][0]["StateReason"]["Message"] == "node lost"


def test_an_unknown_fault_is_a_mistake_of_the_test(cloud):
    with pytest.raises(ValueError, match="no such fault"):
        cloud.faults.next("lightning")


def trusting(cloud):
    return client(cloud, "sts", cloud.lab_key, verify=str(cloud.certificate))


def test_a_self_signed_certificate_must_be_trusted():
    with dialect(tls="modern") as cloud:
        good, strict = trusting(cloud), client(cloud, "sts", cloud.lab_key)
        assert good.get_caller_identity()["Account"]
        with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            strict.get_caller_identity()
        good.close(), strict.close()


def test_http_and_https_are_on_one_port():
    with dialect(tls="modern") as cloud:
        line = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=5)
        line.request("POST", "/services/compute", "Action=DescribeRegions")
        assert line.getresponse().status == 403
        line.close()


def test_a_certificate_of_another_host_is_refused():
    with dialect(tls="wrong-name") as cloud:
        sts = trusting(cloud)
        with pytest.raises(SSLError, match=r"127\.0\.0\.1"):
            sts.get_caller_identity()
        sts.close()


def test_rsa_key_exchange_alone_is_no_cipher_for_us():
    with dialect(tls="rsa-only") as cloud:
        sts = trusting(cloud)
        with pytest.raises(SSLError, match="HANDSHAKE_FAILURE"):
            sts.get_caller_identity()
        sts.close()
        old = ssl.create_default_context(cafile=str(cloud.certificate))
        old.set_ciphers("AES256-SHA:AES128-GCM-SHA256:@SECLEVEL=1")
        line = http.client.HTTPSConnection("127.0.0.1", cloud.port, timeout=5, context=old)
        line.request("POST", "/services/compute", "Action=DescribeRegions")
        assert line.getresponse().status == 403
        line.close()


def test_nobody_is_there():
    with dialect() as cloud:
        sts = client(cloud, "sts", cloud.lab_key)
    with pytest.raises(EndpointConnectionError):
        sts.get_caller_identity()
    sts.close()


def test_a_slip_of_this_server_is_no_answer_of_eucalyptus(cloud, ec2):
    cloud.tags = None
    with pytest.raises(ClientError, match=r"(?s)DialectBroke.*Traceback.*describe_tags"):
        ec2.describe_tags()
    assert cloud.requests[-1].code == "DialectBroke"
    assert send(cloud, "GET", "/", {}).status == 404
