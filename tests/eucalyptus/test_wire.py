"""What may come over the wire, from whom, and what is made of it."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from dashboard.clouds.drivers.eucalyptus import tags, transport
from dashboard.clouds.drivers.eucalyptus.errors import of_answer, of_code
from dashboard.clouds.drivers.eucalyptus.markup import NotUnderstood, parse
from dashboard.clouds.drivers.eucalyptus.network_mapping import rule_in, to_group
from dashboard.clouds.drivers.eucalyptus.transport import Answer
from dashboard.clouds.interface import (
    AuthFailed,
    Conflict,
    NotFound,
    Reason,
    Refused,
    RuleSpec,
    Unavailable,
)
from dashboard.clouds.registry import connect

# --- three meanings of 503 ----------------------------------------------------------------


@pytest.mark.parametrize("code", ["ServiceUnavailable", "InsufficientInstanceCapacity"])
@pytest.mark.parametrize("status", [503, 500])
def test_no_room_is_told_from_a_service_that_is_away(cloud, driver, spec, code, status):
    cloud.faults.capacity_code, cloud.faults.capacity_status = code, status
    cloud.faults.next("capacity", "RunInstances")
    with pytest.raises(Refused) as refused:
        driver.compute.create(spec)
    assert refused.value.reason is Reason.CAPACITY


def test_a_limit_is_told_from_no_room(cloud, driver, place, spec):
    cloud.outside.edit_quota(place.id, vminstancenumber=0)
    with pytest.raises(Refused) as refused:
        driver.compute.create(spec)
    assert refused.value.reason is Reason.QUOTA


@pytest.mark.parametrize(
    ("code", "message", "status", "kind"),
    [
        ("400 Bad Request", "Failed to bind the following fields:\nX = 1", 400, Refused),
        ("403 Forbidden", "Signature validation failed", 403, AuthFailed),
        ("AuthFailure", "not able to validate the provided access credentials", 401, AuthFailed),
        ("AuthFailure", "Only administrators may ask", 403, Refused),
        ("IncorrectInstanceState", "x", 400, Conflict),
        ("InvalidGroup.InUse", "x", 400, Conflict),
        ("InvalidInstanceID.Malformed", "x", 400, NotFound),
        ("InvalidPermission.Malformed", "x", 400, Refused),
        ("InvalidPermission.NotFound", "x", 400, NotFound),
        ("NoSuchEntity", "x", 404, NotFound),
        ("NotAuthorized", "x", 403, Refused),
        ("InternalFailure", "x", 500, Unavailable),
        ("RequestLimitExceeded", "x", 503, Unavailable),
    ],
)
def test_codes_have_their_kind(code, message, status, kind):
    error = of_code(code, message, status=status)
    assert type(error) is kind or isinstance(error, kind)
    assert error.detail == f"{code}: {message}"


def test_a_rule_for_all_protocols_is_for_all_ports():
    """EC2 takes ports with it and heeds none of them; some tell a range that they made up."""
    permission = {"IpProtocol": "-1", "FromPort": 1, "ToPort": 65535, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
    given = RuleSpec(direction="ingress", cidr="192.0.2.0/24")
    (rule,) = to_group({"GroupId": "sg-1", "IpPermissions": [permission]}).rules
    assert rule == rule_in("sg-1", given)


def test_what_a_proxy_says_is_no_answer_of_the_cloud():
    assert isinstance(of_answer(Answer(404, {}, b"<html><body>Not Found</body></html>")), Unavailable)
    assert isinstance(of_answer(Answer(403, {}, b"no")), Unavailable)


# --- what the wire may bring -----------------------------------------------------------------


@pytest.mark.parametrize("fault", ["page", "cut", "entities", "dropped"])
@pytest.mark.parametrize("action", ["DescribeInstances", "DescribeImages"])
def test_an_answer_that_is_none_is_never_an_empty_list(cloud, driver, fault, action):
    cloud.faults.next(fault, action, times=5)
    with pytest.raises(Unavailable):
        list(driver.compute.list() if action == "DescribeInstances" else driver.images.list())


def test_an_answer_larger_than_anybody_needs_is_not_read_to_its_end(cloud, driver, monkeypatch):
    list(driver.compute.list())
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1 << 20)
    cloud.faults.next("huge", "DescribeInstances", times=5)
    before = len(cloud.asked("DescribeInstances"))
    with pytest.raises(Unavailable, match="larger than"):
        driver.session.ask("ec2", "DescribeInstances", b"Action=DescribeInstances&Version=2016-11-15", largest=1 << 20)
    assert len(cloud.asked("DescribeInstances")) == before + 1


@pytest.mark.parametrize(
    "text", [b"<!DOCTYPE a><a/>", b'<!doctype a [<!ENTITY x "y">]><a>&x;</a>', "<a/>".encode("utf-16")]
)
def test_what_declares_entities_is_not_read(text):
    with pytest.raises(NotUnderstood):
        parse(text)


@pytest.mark.parametrize("text", ["a\rb", "\x00\x1f", "\\u000d", "\\\\u0041", "plain", "\ud800", "\uffff \U0001f984"])
def test_texts_that_xml_cannot_carry_come_back(text):
    sent = tags.storable(text)
    assert tags.as_written(sent) == text
    assert not set(sent) & set("\r\x00\x1f\ud800\uffff")


def test_a_list_without_types_is_none(cloud, driver):
    cloud.types.clear()
    with pytest.raises(Unavailable):
        driver.flavors.list()


# --- where it may be ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "0.0.0.0", "::ffff:127.0.0.1"]
)
def test_addresses_of_this_machine_are_known(address):
    assert transport.is_local(address)


@pytest.mark.parametrize("address", ["192.0.2.1", "10.1.2.3", "2001:db8::1"])
def test_other_addresses_are_none_of_them(address):
    assert not transport.is_local(address)


def test_a_cloud_at_this_machine_itself_is_spoken_to_only_if_that_is_allowed():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(5)
        where = {"endpoint": f"http://127.0.0.1:{server.getsockname()[1]}", "access_key": "a", "secret_key": "b"}
        with closing(connect("eucalyptus", where)) as driver, pytest.raises(Refused, match="LocalAddress"):
            driver.check()
        taken, _ = server.accept()
        with closing(taken):
            assert taken.recv(100) == b""
