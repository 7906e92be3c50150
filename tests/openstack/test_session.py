"""One connection: what it is made of, and what it must not touch."""

from __future__ import annotations

import datetime
import ipaddress
import logging
import os
import ssl
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dashboard.clouds.interface import CloudError, Unavailable

from .small_cloud import PASSWORD, Answer, SmallCloud, signed_in, small_cloud

SERVERS = "/compute/servers"


@pytest.fixture
def cloud():
    with small_cloud() as cloud:
        cloud.tell(SERVERS, Answer(body=b'{"servers": []}'))
        yield cloud


def test_it_does_not_talk_to_the_cloud_before_it_must(cloud):
    with signed_in(cloud) as session:
        assert session.connection
    assert cloud.requests == []


def test_nothing_is_read_from_the_environment(cloud, monkeypatch, tmp_path):
    (tmp_path / "clouds.yaml").write_text("clouds: {other: {auth: {auth_url: 'http://127.0.0.1:9'}}}")
    monkeypatch.chdir(tmp_path)
    for name in ("OS_AUTH_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/nowhere")
    monkeypatch.setenv("OS_CLOUD", "other")
    monkeypatch.setenv("OS_PASSWORD", "wrong")
    with signed_in(cloud) as session:
        assert session.get("compute", "/servers") == {"servers": []}


def test_each_call_says_who_we_are_and_has_an_id_of_its_own(cloud):
    with signed_in(cloud) as session:
        session.get("compute", "/servers")
        session.get("compute", "/servers")
    calls = [headers for _, path, headers in cloud.requests if path == SERVERS]
    assert all(headers["User-Agent"].startswith("skydeck ") for headers in calls)
    assert len({uuid.UUID(headers["X-Openstack-Request-Id"].removeprefix("req-")) for headers in calls}) == 2


def test_the_microversion_is_the_one_that_was_asked_for(cloud):
    with signed_in(cloud) as session:
        session.get("compute", "/servers", microversion="2.69")
    assert cloud.requests[-1][2]["OpenStack-API-Version"] == "compute 2.69"
    assert session.serves("compute", "2.104")
    assert not session.serves("compute", "2.105")


def test_thirty_two_threads_share_one_token(cloud):
    with signed_in(cloud) as session, ThreadPoolExecutor(32) as pool:
        assert len(list(pool.map(lambda _: session.get("compute", "/servers"), range(64)))) == 64
    assert cloud.count("POST", "/v3/auth/tokens") == 1


def test_a_fork_gets_a_connection_of_its_own(cloud):
    with signed_in(cloud) as session:
        ours = session.connection
        if (child := os.fork()) == 0:
            os._exit(0 if session.connection is not ours and session.get("compute", "/servers") else 1)
        assert os.waitpid(child, 0)[1] == 0


def test_after_closing_it_connects_again(cloud):
    with signed_in(cloud) as session:
        session.get("compute", "/servers")
        session.close()
        assert session.get("compute", "/servers") == {"servers": []}


def test_neither_password_nor_token_is_logged(cloud, caplog):
    caplog.set_level(logging.DEBUG)
    with signed_in(cloud) as session:
        session.get("compute", "/servers")
    assert PASSWORD not in caplog.text
    assert "token-1" not in caplog.text


def test_a_nova_that_was_away_at_first_is_used_when_it_is_back(cloud):
    cloud.tell("/compute", Answer(503))
    cloud.tell("/compute/", Answer(503))
    with signed_in(cloud) as session:
        with pytest.raises(Unavailable):
            session.get("compute", "/servers", microversion="2.69")
        del cloud.answers["GET", "/compute"], cloud.answers["GET", "/compute/"]
        assert session.get("compute", "/servers", microversion="2.69") == {"servers": []}
        assert session.serves("compute", "2.69")


def test_without_a_credential_no_call_is_made(cloud):
    with signed_in(cloud, username="") as session, pytest.raises(CloudError):
        session.get("compute", "/servers")
    assert cloud.count("GET", SERVERS) == 0


# --- certificates


@pytest.fixture
def certificate(tmp_path) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that only itself vouches for: PEM text, and the path of its file with the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "small cloud")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(names, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_text(private.decode() + pem)
    return pem, str(tmp_path / "server.pem")


@pytest.fixture
def encrypted(cloud, certificate) -> SmallCloud:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1])
    cloud.socket = context.wrap_socket(cloud.socket, server_side=True)
    cloud.scheme = "https"
    return cloud


def test_the_clouds_own_certificates_are_believed(encrypted, certificate):
    with signed_in(encrypted, ca_bundle=certificate[0]) as session:
        assert session.get("compute", "/servers") == {"servers": []}


def test_others_are_not(encrypted):
    with signed_in(encrypted) as session, pytest.raises(Unavailable, match="certificate verify failed"):
        session.get("compute", "/servers")


def test_what_is_no_certificate_is_said_so(cloud):
    with signed_in(cloud, ca_bundle="no certificate") as session, pytest.raises(CloudError):
        session.get("compute", "/servers")
