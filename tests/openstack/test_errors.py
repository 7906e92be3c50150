"""What comes out of the driver for what a cloud answers, or does not. The answers are those of the real services."""

from __future__ import annotations

import datetime
from email.utils import format_datetime

import pytest

from dashboard.clouds.interface import AuthFailed, CloudError, Conflict, NotFound, Reason, Refused, Unavailable

from .small_cloud import PASSWORD, Answer, said, signed_in, small_cloud

SERVERS = "/compute/servers"
NOVA, NEUTRON, GLANCE, CINDER, KEYSTONE = "compute", "network", "image", "block-storage", "identity"
HTML = b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1>Not allowed.</body></html>"


def nova(status: int, word: str, message: str, **headers: str) -> Answer:
    return said(status, {word: {"code": status, "message": message}}, **headers)


def neutron(status: int, kind: str, message: str) -> Answer:
    return said(status, {"NeutronError": {"type": kind, "message": message, "detail": ""}})


def keystone(status: int, message: str) -> Answer:
    return said(status, {"error": {"code": status, "title": "Forbidden", "message": message}})


QUOTA, POLICY, CAPACITY, INVALID = Reason.QUOTA, Reason.POLICY, Reason.CAPACITY, Reason.INVALID
MISSING, TOO_LARGE = Reason.IMAGE_MISSING, Reason.IMAGE_TOO_LARGE
TOO_SMALL = "Flavor's disk is too small for requested image. Flavor disk is 1 bytes, image is 2 bytes."
BELOW_MIN_DISK = "Flavor's disk is smaller than the minimum size specified in image metadata."
SEVERAL_NETWORKS = "Multiple possible networks found, use a Network ID to be more specific."
NO_FLOATING_IP = "Unable to find any IP address on external network x."
VOLUMES = "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'."

REFUSALS = [
    (NOVA, nova(403, "forbidden", "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"), QUOTA),
    (NOVA, nova(403, "forbidden", "Quota exceeded, too many key pairs."), QUOTA),
    (NOVA, nova(403, "forbidden", "Maximum number of metadata items exceeds 128"), QUOTA),
    (NOVA, nova(403, "forbidden", "Policy doesn't allow os_compute_api:os-hypervisors:list to be performed."), POLICY),
    (NOVA, nova(400, "badRequest", "Can not find requested image"), MISSING),
    (NOVA, nova(400, "badRequest", "Cannot find image for rebuild"), MISSING),
    (NOVA, nova(400, "badRequest", "Invalid input for field/attribute imageRef. Value: x. 'x' is not valid"), MISSING),
    (NOVA, nova(400, "badRequest", TOO_SMALL), TOO_LARGE),
    (NOVA, nova(400, "badRequest", BELOW_MIN_DISK), TOO_LARGE),
    (NOVA, nova(400, "badRequest", "No valid host was found. "), CAPACITY),
    (NOVA, nova(400, "badRequest", "Flavor's memory is too small for requested image."), INVALID),
    (NOVA, nova(400, "badRequest", "Flavor x could not be found."), INVALID),
    (NOVA, nova(409, "conflictingRequest", SEVERAL_NETWORKS), INVALID),
    (NOVA, nova(501, "notImplemented", "Unable to get the console log"), Reason.OTHER),
    (NEUTRON, neutron(409, "OverQuota", "Quota exceeded for resources: ['network']."), QUOTA),
    (NEUTRON, neutron(409, "IpAddressGenerationFailure", "No more IP addresses available on network x."), CAPACITY),
    (NEUTRON, neutron(400, "ExternalIpAddressExhausted", NO_FLOATING_IP), CAPACITY),
    (NEUTRON, neutron(403, "PolicyNotAuthorized", "(rule:create_network and x) is disallowed by policy"), POLICY),
    (NOVA, nova(403, "forbidden", "Policy doesn't allow os_compute_api:os-quota-sets:update to be done."), POLICY),
    (NEUTRON, neutron(403, "PolicyNotAuthorized", "rule:update_quota is disallowed by policy"), POLICY),
    (NEUTRON, neutron(400, "InvalidInput", "Invalid input for cidr."), INVALID),
    (CINDER, said(413, {"overLimit": {"code": 413, "message": VOLUMES}}, Retry_After="0"), QUOTA),
    (GLANCE, Answer(403, HTML, {"Content-Type": "text/html"}), POLICY),
    (GLANCE, Answer(413, b"<html>Request body too large</html>", {"Content-Type": "text/html"}), INVALID),
    (KEYSTONE, keystone(403, "You are not authorized to perform the requested action: identity:x."), POLICY),
]

SILENCES = [
    (nova(429, "overLimit", "This request was rate-limited.", Retry_After="7"), 7),
    (nova(413, "overLimit", "This request was rate-limited.", Retry_After="55"), 55),
    (nova(429, "overLimit", "This request was rate-limited."), 0),
    (nova(500, "computeFault", "Unexpected API Error."), 0),
    (Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}), 0),
    (nova(503, "serviceUnavailable", "Service Unavailable", Retry_After="3"), 3),
    (Answer(504, b""), 0),
    (Answer(404, b"<html>404 Not Found, nginx</html>", {"Content-Type": "text/html"}), 0),
    (Answer(200, b"<html>\xff\xfe this is { not JSON"), 0),
    (Answer(200, b'["a list"]'), 0),
    (Answer(200, b'{"servers": [', length=10_000), 0),
    (Answer(200, b'{"servers": [], "unfinished', length=14), 0),
]


@pytest.fixture(scope="module")
def cloud():
    with small_cloud() as cloud:
        yield cloud


@pytest.fixture
def session(cloud):
    cloud.answers.clear()
    cloud.requests.clear()
    with signed_in(cloud) as session:
        yield session


def error_of(session, cloud, answer, service=NOVA) -> CloudError:
    cloud.tell(f"/{service}/servers", answer)
    cloud.tell(f"/{service}/v2.0/servers", answer)
    session.service(service)
    with pytest.raises(CloudError) as raised:
        session.get(service, "/servers")
    return raised.value


@pytest.mark.parametrize(("service", "answer", "reason"), REFUSALS)
def test_a_no_comes_with_its_reason(session, cloud, service, answer, reason):
    error = error_of(session, cloud, answer, service)
    assert isinstance(error, Refused)
    assert (error.reason, error.http_status) == (reason, answer.status)


@pytest.mark.parametrize(("answer", "retry_after_s"), SILENCES)
def test_what_is_no_usable_answer_is_unavailable(session, cloud, answer, retry_after_s):
    error = error_of(session, cloud, answer)
    assert isinstance(error, Unavailable)
    assert (error.source, error.retry_after_s) == ("nova", retry_after_s)


def test_a_date_to_come_back_at_becomes_seconds(session, cloud):
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)
    error = error_of(session, cloud, nova(503, "serviceUnavailable", "wait", Retry_After=format_datetime(later, True)))
    assert 50 < error.retry_after_s <= 60


def test_what_is_gone_is_not_found(session, cloud):
    error = error_of(session, cloud, nova(404, "itemNotFound", "Instance x could not be found."))
    assert isinstance(error, NotFound)
    assert (error.detail, error.request_id) == ("Instance x could not be found.", "req-1")


def test_a_state_that_does_not_allow_it_is_a_conflict(session, cloud):
    message = "Cannot 'pause' instance x while it is in vm_state paused"
    assert isinstance(error_of(session, cloud, nova(409, "conflictingRequest", message)), Conflict)


def test_the_policy_that_said_no_is_named(session, cloud):
    message = "Policy doesn't allow os_compute_api:servers:create to be performed."
    assert "os_compute_api:servers:create" in error_of(session, cloud, nova(403, "forbidden", message)).detail


def test_a_token_that_is_over_is_renewed_once(session, cloud):
    cloud.tell(SERVERS, nova(401, "unauthorized", "The request you have made requires authentication."), Answer())
    assert session.get(NOVA, "/servers") == {}
    assert cloud.count("POST", "/v3/auth/tokens") == 2


def test_a_credential_that_is_no_good_any_more_is_said_so_after_one_more_try(session, cloud):
    error = error_of(session, cloud, nova(401, "unauthorized", "no"))
    assert isinstance(error, AuthFailed)
    assert cloud.count("GET", SERVERS) == 2


def test_a_wrong_password_is_keystones_word(session, cloud):
    cloud.tell("/v3/auth/tokens", keystone(401, "The request you have made requires authentication."), method="POST")
    with pytest.raises(AuthFailed) as raised:
        session.get(NOVA, "/servers")
    assert raised.value.source == "keystone"


def test_a_keystone_that_is_not_there_is_never_taken_for_an_instance_that_is_gone(session, cloud):
    cloud.tell("/v3/auth/tokens", keystone(404, "not found"), method="POST")
    with pytest.raises(Unavailable):
        session.get(NOVA, "/servers/x")


def test_a_service_that_the_catalogue_lacks_is_unavailable_and_may_come(session, cloud):
    with pytest.raises(Unavailable):
        session.get("placement", "/resource_providers")
    cloud.kinds.append("placement")
    session.connection.session.invalidate()  # as when the token is over
    cloud.tell("/placement/resource_providers", Answer())
    assert session.get("placement", "/resource_providers") == {}


def test_a_cloud_that_does_not_answer_is_given_up_in_time(session, cloud):
    session.service(NOVA)
    cloud.tell(SERVERS, Answer(wait_s=2))
    with pytest.raises(Unavailable):
        session.get(NOVA, "/servers", timeout_s=0.2)


def test_an_answer_that_never_ends_is_given_up_in_time(session, cloud, monkeypatch):
    monkeypatch.setattr("dashboard.clouds.drivers.openstack.session.CONNECT_S", 0.2)
    session.service(NOVA)
    cloud.tell(SERVERS, Answer(body=b" " * 100, pause_s=0.1))
    with pytest.raises(Unavailable):
        session.get(NOVA, "/servers", timeout_s=0.4)
    assert len(cloud.requests) < 5


def test_nobody_listening_is_unavailable(cloud):
    with signed_in(cloud, auth_url="http://127.0.0.1:9/v3") as session, pytest.raises(Unavailable):
        session.get(NOVA, "/servers")


def test_the_password_is_in_no_error_and_no_repr(session, cloud):
    cloud.tell("/v3/auth/tokens", keystone(401, "no"), method="POST")
    with pytest.raises(AuthFailed) as raised:
        session.get(NOVA, "/servers")
    assert PASSWORD not in repr(session) + repr(raised.value) + str(raised.value.__dict__)
    assert raised.value.__cause__ is None
