"""The fault proxy does what it says, in front of a real OpenStack."""

from __future__ import annotations

import time

import pytest
from keystoneauth1.exceptions import ConnectFailure, HttpError, TooManyRequests, UnknownConnectionError

from . import own_project
from .proxy import Delay, FaultProxy, Garbage, LostAnswer, PartialBody, Reset, Status

pytestmark = pytest.mark.openstack


@pytest.fixture(scope="module")
def project(openstack_lab, admin_cloud):
    """One for all of them: to make and to empty one takes seconds."""
    with own_project.fresh(admin_cloud, auth_url=openstack_lab.auth_url) as project:
        yield project


@pytest.fixture
def connection(project, proxy):
    with project.connection(proxy=proxy) as connection:
        yield connection


def ask(connection, path="/os-keypairs"):
    return connection.session.get(path, endpoint_filter={"service_type": "compute"}, connect_retries=0)


def test_every_service_is_reached_through_the_proxy_alone(connection, proxy):
    catalogue = connection.session.auth.get_access(connection.session).service_catalog
    for kind in ("identity", "compute", "image", "network", "block-storage", "object-store", "placement"):
        assert catalogue.url_for(service_type=kind).startswith(proxy.url(kind))


def test_a_call_is_noted_with_whose_credential_made_it(connection, project, proxy):
    list(connection.network.networks())
    (call,) = proxy.calls(service="network", path=r"/networks$")
    assert (call.method, call.status, call.credential) == ("GET", 200, project.credential)
    assert (call.who.user, call.who.project) == (project.user, project.id)
    assert call.request_id.startswith("req-")


def test_a_call_with_a_token_from_elsewhere_is_nobodys(project, connection, proxy):
    ask(connection)
    with project.connection() as direct:
        headers = {"X-Auth-Token": direct.auth_token}
        connection.session.get(proxy.url("compute") + "/v2.1/flavors", headers=headers, authenticated=False)
    assert [call.credential for call in proxy.calls(service="compute", path="flavors")] == [""]


def test_a_lost_answer_leaves_the_work_done(connection, proxy):
    proxy.inject(LostAnswer(), service="network", method="POST", path=r"/networks$")
    body = {"network": {"name": "lost"}}
    with pytest.raises(ConnectFailure):
        connection.session.post("/v2.0/networks", json=body, endpoint_filter={"service_type": "network"})
    (call,) = proxy.calls(service="network", method="POST")
    assert (call.status, call.fault) == (0, "LostAnswer")
    assert [each.name for each in connection.network.networks(name="lost")] == ["lost"]


def test_only_the_nth_call_is_spoilt(connection, proxy):
    proxy.inject(Status(503), service="compute", path="keypairs", nth=2)
    statuses = []
    for _ in range(3):
        try:
            statuses.append(ask(connection).status_code)
        except HttpError as error:
            statuses.append(error.http_status)
    assert statuses == [200, 503, 200]


@pytest.mark.parametrize("code", [401, 403, 409, 413, 429, 500, 503])
def test_a_status_comes_instead_of_the_cloud(connection, proxy, code):
    proxy.inject(Status(code), service="compute", path="keypairs", times=None)
    with pytest.raises(HttpError) as refused:
        ask(connection)
    assert refused.value.http_status == code


def test_too_many_requests_says_when_to_come_back(connection, proxy):
    proxy.inject(Status(429, retry_after_s=7), service="compute", path="keypairs")
    with pytest.raises(TooManyRequests) as refused:
        ask(connection)
    assert refused.value.response.headers["Retry-After"] == "7"


def test_a_delay_is_waited_for(connection, proxy):
    ask(connection)
    proxy.inject(Delay(1.5), service="compute")
    began = time.monotonic()
    assert ask(connection).ok
    assert time.monotonic() - began >= 1.5


def test_garbage_is_no_json(connection, proxy):
    proxy.inject(Garbage(), service="compute", path="keypairs")
    with pytest.raises(ValueError, match="Expecting value"):
        ask(connection).json()


def test_a_connection_is_reset(connection, proxy):
    proxy.inject(Reset(), service="compute", path="keypairs")
    with pytest.raises(ConnectFailure, match="Connection reset by peer"):
        ask(connection)


def test_half_a_body_is_not_taken_for_a_whole_one(connection, proxy):
    proxy.inject(PartialBody(), service="compute", path="keypairs")
    with pytest.raises(UnknownConnectionError, match="IncompleteRead"):
        ask(connection)


def test_without_faults_again_everything_works(connection, proxy):
    proxy.inject(Status(500), times=None)
    proxy.clear()
    assert ask(connection).ok


def test_a_proxy_that_was_ended_answers_nobody(openstack_lab, project):
    with FaultProxy(openstack_lab.auth_url) as proxy:
        connection = project.connection(proxy=proxy)
        assert ask(connection).ok
    with pytest.raises(ConnectFailure):
        ask(connection)
    connection.close()
