"""Keys of people: what is sent for them, what they can and cannot do, and the files that other programs read."""

from __future__ import annotations

import configparser
import io

import botocore.session
import pytest
from botocore.exceptions import ClientError

from dashboard.clouds import registry
from dashboard.clouds.interface import Unavailable
from tests.clouds.test_access_files import HOSTILE, sourced

from .drivers import settings_of

WHERE = {"endpoint": "https://euca.example:8773"}
SECRET = {"access_key": "AKIEXAMPLE", "secret_key": "a-secret"}


@pytest.fixture
def issue(admin, place):
    return lambda mark="m1", person="7": admin.access.issue(place.id, person=person, mark=mark, label="alice: laptop")


def users(cloud, place):
    return sorted(name for name in cloud.outside.account(place.id).users if name.startswith("key."))


# --- what is sent


def test_each_key_is_a_user_in_the_tenants_account(cloud, place, issue):
    issue("m1"), issue("m2"), issue("m1", "8")
    assert users(cloud, place) == ["key.skydeck.7.m1", "key.skydeck.7.m2", "key.skydeck.8.m1"]
    made = [one for one in cloud.requests if one.action == "CreateUser"]
    assert {one.parameters["DelegateAccount"] for one in made} == {place.id}


def test_a_person_may_have_more_than_a_user_may(cloud, admin, place, issue):
    """Two access keys are the most of one user."""
    assert len({issue(f"m{number}").id for number in range(3)}) == 3


@pytest.mark.parametrize("action", ["CreateUser", "PutUserPolicy", "CreateAccessKey"])
def test_whatever_answer_is_lost_the_next_try_leaves_one_key(cloud, place, issue, action):
    cloud.faults.next("lost", action)
    with pytest.raises(Unavailable):
        issue()
    key = issue()
    assert users(cloud, place) == ["key.skydeck.7.m1"]
    (user,) = [user for name, user in cloud.outside.account(place.id).users.items() if name.startswith("key.")]
    assert [one.id for one in cloud.accounts.keys_of(user)] == [key.id]


@pytest.mark.parametrize("action", ["DeleteAccessKey", "DeleteUserPolicy", "DeleteUser"])
def test_whatever_answer_is_lost_the_next_try_ends_it(cloud, admin, place, issue, action):
    issue()
    cloud.faults.next("lost", action)
    with pytest.raises(Unavailable):
        admin.access.revoke(place.id, person="7", mark="m1")
    admin.access.revoke(place.id, person="7", mark="m1")
    assert users(cloud, place) == []


# --- the files, read by what reads them


@pytest.fixture
def client(tmp_path, monkeypatch):
    """A client of botocore's that knows nothing but the two files."""

    def client(service, files):
        named = {file.name: file for file in files}
        for name, variable in (("lab-aws-config", "CONFIG_FILE"), ("lab-aws-credentials", "SHARED_CREDENTIALS_FILE")):
            path = tmp_path / name
            path.write_text(named[name].text)
            monkeypatch.setenv(f"AWS_{variable}", str(path))
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        return botocore.session.Session(profile="lab").create_client(service)

    return client


def files_of(cloud, key):
    return registry.access_files("eucalyptus", settings_of(cloud), key.secret, name="lab")


def test_an_sdk_with_the_files_alone_works_in_the_account(cloud, driver, spec, issue, client):
    remote = driver.compute.create(spec)
    ec2 = client("ec2", files_of(cloud, issue()))
    found = ec2.describe_instances()["Reservations"]
    ec2.close()
    assert [one["InstanceId"] for each in found for one in each["Instances"]] == [remote.id]


def test_who_has_a_key_makes_no_other_one(cloud, admin, place, issue, client):
    """It would let in after this one was revoked."""
    iam = client("iam", files_of(cloud, issue()))
    for call, asked in (("create_user", {"UserName": "mine"}), ("create_access_key", {"UserName": "admin"})):
        with pytest.raises(ClientError) as refused:
            getattr(iam, call)(**asked)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    iam.close()


def test_a_revoked_key_is_refused(cloud, admin, place, issue, client):
    files = files_of(cloud, issue())
    ec2 = client("ec2", files)
    assert ec2.describe_instances()["Reservations"] == []
    admin.access.revoke(place.id, person="7", mark="m1")
    with pytest.raises(ClientError):
        ec2.describe_instances()
    ec2.close()


def test_buckets_are_asked_for_as_eucalyptus_wants_it(cloud, issue, client):
    s3 = client("s3", files_of(cloud, issue()))
    assert s3.list_buckets()["Buckets"] == []
    assert s3.meta.endpoint_url == f"{cloud.url}/services/objectstorage"
    assert s3.meta.config.s3["addressing_style"] == "path"
    assert s3.meta.config.request_checksum_calculation == "when_required"
    s3.close()


def files(**settings):
    return {one.name: one for one in registry.access_files("eucalyptus", {**WHERE, **settings}, SECRET, name="lab")}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_eucarc_says_what_was_meant(text, tmp_path):
    secret = {"access_key": text, "secret_key": text}
    (eucarc, *_) = registry.access_files("eucalyptus", {"endpoint": text, "region": text}, secret, name="lab")
    names = ("EC2_URL", "EC2_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    assert sourced(eucarc.text, tmp_path, *names) == [text] * 4


def test_eucarc_names_every_service_and_forgets_what_was_there(tmp_path):
    text = files()["lab-eucarc"].text
    names = ("EC2_URL", "S3_URL", "EUARE_URL", "TOKEN_URL", "AWS_ELB_URL", "AWS_SESSION_TOKEN", "AWS_PROFILE")
    base = "https://euca.example:8773/services"
    addresses = [f"{base}/{path}" for path in ("compute", "objectstorage", "Euare", "Tokens", "LoadBalancing")]
    before = "export AWS_SESSION_TOKEN=old AWS_PROFILE=old;"
    assert sourced(text, tmp_path, *names, before=before) == [*addresses, "UNSET", "UNSET"]


def test_where_services_have_names_of_their_own_the_files_have_them(tmp_path):
    found = files(endpoint="https://cloud.example:8773", names="dns")
    assert sourced(found["lab-eucarc"].text, tmp_path, "EC2_URL", "AWS_CLOUDWATCH_URL") == [
        "https://ec2.cloud.example:8773/",
        "https://monitoring.cloud.example:8773/",
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_profile_has_no_setting_and_no_section_that_was_not_meant(text):
    secret = {"access_key": text, "secret_key": f"x\n[other]\naws_access_key_id = {text}"}
    settings = {"endpoint": text, "region": text}
    named = {one.name: one.text for one in registry.access_files("eucalyptus", settings, secret, name="lab")}
    credentials, config = parsed(named["lab-aws-credentials"]), parsed(named["lab-aws-config"])
    assert {name: list(credentials[name]) for name in credentials.sections()} == {
        "lab": ["aws_access_key_id", "aws_secret_access_key"]
    }
    assert credentials["lab"]["aws_access_key_id"] == " ".join(text.split())
    assert config.sections() == ["profile lab", "services lab"]
    assert set(config["profile lab"]) == {
        *("region", "output", "services", "request_checksum_calculation", "response_checksum_validation", "s3")
    }
    assert len(config["services lab"]) == 8


def parsed(text):
    found = configparser.RawConfigParser()
    found.read_file(io.StringIO(text))
    return found


def test_certificates_come_beside_them(tmp_path):
    found = files(ca_bundle="-----BEGIN CERTIFICATE-----\n")
    assert found["lab.pem"].text.startswith("-----BEGIN")
    assert sourced(found["lab-eucarc"].text, tmp_path, "AWS_CA_BUNDLE") == ["/home/alice/.euca/lab.pem"]


def test_secrets_are_in_no_repr_and_no_hint_and_an_administrators_in_no_file():
    for file in files(secret_key="canary").values():
        assert "a-secret" not in repr(file)
        assert "canary" not in file.text
