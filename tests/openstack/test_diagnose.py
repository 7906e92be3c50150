"""Testing a connection against servers that are not what they should be."""

from __future__ import annotations

import json
import socket

import pytest

from dashboard.clouds.drivers import reach
from dashboard.clouds.drivers.eucalyptus.finding_codes import Code as OfEucalyptus
from dashboard.clouds.drivers.openstack import diagnose as walk
from dashboard.clouds.drivers.openstack.diagnose import diagnose
from dashboard.clouds.drivers.openstack.finding_codes import Code
from dashboard.clouds.findings import CODES, STEPS, words_for
from dashboard.clouds.interface import CloudError, FindingState

from .broken_servers import Answer, Authority, closed_port, silent_server, web_server

BAD, OK, WARNING, SKIPPED = FindingState.BAD, FindingState.OK, FindingState.WARNING, FindingState.SKIPPED
HTML = "text/html; charset=utf-8"
V3 = {"id": "v3.14", "media-types": [{"type": "application/vnd.openstack.identity-v3+json"}]}
V2 = {"id": "v2.0", "media-types": [{"type": "application/vnd.openstack.identity-v2.0+json"}]}
CINDER = {"id": "v3.0", "media-types": [{"type": "application/vnd.openstack.volume+json;version=3"}]}
VERSION = Answer(200, json.dumps({"version": V3}).encode())


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(reach, "WAIT_S", 1.0)
    monkeypatch.setattr(walk, "VERSION_S", 1.0)


def settings(port, *, scheme="http", path="/v3", **more):
    credential = {"username": "admin", "password": "S3CR3T", "project": "admin"}
    return {"auth_url": f"{scheme}://127.0.0.1:{port}{path}", **credential, **more}


def first_bad(found):
    """The first finding that is bad; all after it was skipped, all before it was not."""
    findings = list(diagnose(found))
    at = next(number for number, finding in enumerate(findings) if finding.state is BAD)
    assert all(finding.state is SKIPPED for finding in findings[at + 1 :])
    assert all(finding.state in (OK, WARNING) for finding in findings[:at])
    assert "S3CR3T" not in repr(findings)
    return findings[at]


def test_every_code_has_words_and_no_words_are_left_over():
    of_any_cloud = {error.__name__ for error in CloudError.__subclasses__()}
    of_the_test_itself = {"unreadable", "internal"}
    assert set(CODES) == set(reach.Code) | set(Code) | of_any_cloud | of_the_test_itself | set(OfEucalyptus)


def test_every_step_has_a_name():
    assert {finding.step for finding in diagnose(settings(closed_port()))} <= set(STEPS)


def test_the_quota_is_said_in_the_units_that_people_read():
    words = words_for("quota", "", {"instances": "1000", "vcpus": "∞", "ram_mib": "8689896"})
    assert words.cause == "Instances: 1,000, vCPUs: ∞, memory: 8,486.2 GiB."


@pytest.mark.parametrize("code", sorted(CODES))
def test_words_take_any_values(code):
    words = words_for("tls", code, {"host": "100 %s cloud", "names": "%(x)d"})
    assert all(str(text) for text in (words.title, words.cause, words.action))


@pytest.mark.parametrize(
    "url", ["", "cloud.example.org", "ftp://cloud/v3", "http://", "http://a:99999/v3", "http://[/"]
)
def test_what_is_no_address_is_said_first(url):
    finding = first_bad({"auth_url": url})
    assert (finding.step, finding.code) == ("address", Code.ADDRESS_ODD)


@pytest.mark.parametrize("text", ["hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_certificates_that_are_none_are_said_first(text):
    assert first_bad(settings(1, ca_bundle=text)).code == reach.Code.CA_NOT_PEM


@pytest.mark.parametrize(
    ("error", "code"), [(socket.EAI_NONAME, reach.Code.HOST_UNKNOWN), (socket.EAI_AGAIN, reach.Code.NAMES_AWAY)]
)
def test_a_name_without_an_address(monkeypatch, error, code):
    def refuse(*args, **kwargs):
        raise socket.gaierror(error, "said so")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    finding = first_bad({"auth_url": "http://cloud.example.org/v3"})
    assert (finding.step, finding.code, finding.values["host"]) == ("dns", code, "cloud.example.org")


def test_a_closed_port():
    port = closed_port()
    finding = first_bad(settings(port))
    assert (finding.step, finding.code) == ("tcp", reach.Code.PORT_CLOSED)
    assert str(port) in str(words_for(finding.step, finding.code, finding.values).title)


def test_a_port_that_never_answers():
    with silent_server() as port:
        finding = first_bad(settings(port))
        assert (finding.step, finding.code) == ("version", reach.Code.NO_ANSWER)
        assert 0.9 < finding.took_s < 8


def test_a_port_that_never_answers_tls():
    with silent_server() as port:
        finding = first_bad(settings(port, scheme="https"))
        assert (finding.step, finding.code) == ("tls", reach.Code.NO_ANSWER)


class TestTls:
    def finding(self, context, **more):
        with web_server({"GET /v3": VERSION}, context=context) as port:
            findings = list(diagnose(settings(port, scheme="https", **more)))
            return next(finding for finding in findings if finding.step == "tls")

    def test_an_issuer_that_nobody_knows_is_named(self, authority, tmp_path):
        finding = self.finding(authority.context(tmp_path))
        assert (finding.state, finding.code) == (BAD, reach.Code.TLS_UNKNOWN_ISSUER)
        assert finding.values["issuer"] == "CN=Our Own CA"

    def test_with_its_certificate_pasted_the_issuer_is_believed(self, authority, tmp_path):
        finding = self.finding(authority.context(tmp_path), ca_bundle=authority.pem)
        assert (finding.state, finding.values["subject"]) == (OK, "CN=127.0.0.1")

    def test_one_that_is_over(self, authority, tmp_path):
        finding = self.finding(authority.context(tmp_path, days=(-20, -1)), ca_bundle=authority.pem)
        assert (finding.state, finding.code) == (BAD, reach.Code.TLS_EXPIRED)
        assert finding.values["ends"]

    def test_one_that_begins_tomorrow(self, authority, tmp_path):
        finding = self.finding(authority.context(tmp_path, days=(1, 20)), ca_bundle=authority.pem)
        assert finding.code == reach.Code.TLS_NOT_YET

    def test_one_that_is_soon_over_is_a_warning(self, authority, tmp_path):
        finding = self.finding(authority.context(tmp_path, days=(-20, 5)), ca_bundle=authority.pem)
        assert (finding.state, finding.code, finding.values["days"]) == (WARNING, reach.Code.TLS_SOON_OVER, "4")

    @pytest.mark.parametrize("name", ["cloud.example.org", "127.0.0.2"])
    def test_one_for_another_name(self, authority, tmp_path, name):
        finding = self.finding(authority.context(tmp_path, names=(name,)), ca_bundle=authority.pem)
        assert (finding.code, finding.values["names"]) == (reach.Code.TLS_WRONG_NAME, name)

    def test_one_that_vouches_for_itself(self, authority, tmp_path):
        finding = self.finding(authority.own_context(tmp_path))
        assert (finding.code, finding.values["subject"]) == (reach.Code.TLS_SELF_SIGNED, "CN=Our Own CA")

    def test_a_port_without_tls(self):
        assert self.finding(None).code == reach.Code.TLS_PLAIN

    def test_plain_http_to_another_machine_is_a_warning(self):
        finding = reach.certificate("tls", reach.address_of("http://192.0.2.1/v3"), ca_bundle="")
        assert (finding.state, finding.code) == (WARNING, reach.Code.UNENCRYPTED)


VERSIONS = [
    (Answer(200, b"<!DOCTYPE html><title>Login - OpenStack Dashboard</title>", HTML), Code.WEB_PAGE),
    (Answer(404, b"<html>Not Found</html>", HTML), Code.WEB_PAGE),
    (Answer(300, json.dumps({"versions": {"values": [V2]}}).encode()), Code.V2_ONLY),
    (Answer(200, json.dumps({"versions": [CINDER]}).encode()), Code.NOT_KEYSTONE),
    (Answer(200, b'{"hello": "world"}'), Code.NOT_KEYSTONE),
    (Answer(200, b'["a", 1]'), Code.NOT_KEYSTONE),
    (Answer(200, b'{"version": [1, "x"]}'), Code.NOT_KEYSTONE),
    (Answer(200, b"\x00\xff\xfegarbage", "application/octet-stream"), Code.NOT_KEYSTONE),
    (Answer(404, b'{"error": {"message": "Not Found"}}'), Code.WRONG_PATH),
    (Answer(503, b"no server is available"), Code.SERVER_ERROR),
]


@pytest.mark.parametrize(("answer", "code"), VERSIONS)
def test_what_is_there_is_not_keystone_v3(answer, code):
    with web_server({"GET /v3": answer}) as port:
        finding = first_bad(settings(port))
    assert (finding.step, finding.code) == ("version", code)


@pytest.mark.parametrize("path", ["", "/", "/v3", "/v3/"])
def test_the_version_in_the_address_may_be_left_out(path):
    with web_server({"GET /v3": VERSION}) as port:
        findings = {finding.step: finding for finding in diagnose(settings(port, path=path))}
    assert findings["version"].values["version"] == "v3.14"


def refusal(status, words):
    return Answer(status, json.dumps({"error": {"code": status, "title": "no", "message": words}}).encode())


SIGN_INS = [
    (refusal(401, "The request you have made requires authentication."), Code.WRONG_USER),
    (refusal(401, "The password is expired and needs to be changed for user: 1."), Code.PASSWORD_EXPIRED),
    (refusal(403, "You are not authorized."), Code.SIGN_IN_REFUSED),
    (refusal(500, "An unexpected error"), Code.SERVER_ERROR),
    (Answer(200, b"garbage"), reach.Code.NO_ANSWER),
]


@pytest.mark.parametrize(("answer", "code"), SIGN_INS)
def test_what_keystone_says_at_the_door(answer, code):
    with web_server({"GET /v3": VERSION, "POST /v3/auth/tokens": answer}) as port:
        finding = first_bad(settings(port))
    assert (finding.step, finding.code) == ("sign-in", code)


def test_without_a_credential_only_the_way_is_tested():
    with web_server({"GET /v3": VERSION}) as port:
        findings = list(diagnose({"auth_url": f"http://127.0.0.1:{port}/v3"}))
    by_step = {finding.step: finding for finding in findings}
    assert (by_step["version"].state, by_step["sign-in"].code) == (OK, Code.NO_CREDENTIAL)
    assert by_step["compute"].state is SKIPPED
    assert not [finding for finding in findings if finding.state is BAD]
