"""The files for people's own tools, read back by what reads them: whatever stands in a setting, it stays a value."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from dashboard.clouds import registry
from dashboard.clouds.interface import RemotePlace

HOSTILE = (
    "it's",
    'say "so"',
    "$(touch /tmp/never) `id` ${HOME} $HOME \\",
    "one\ntwo\nexport OS_AUTH_URL=elsewhere",
    "a: {b: [c, *d, &e !!python/object:x]} # no comment",
    "'; rm -rf / #",
    "%s {{ 7*7 }} naïve 漢字 \U0001f984",
    " spaces ",
    "-n",
    "true",
)
SECRET = {"application_credential_id": "an-id", "application_credential_secret": "a-secret"}


def by_ending(files):
    return {file.name.rpartition(".")[2]: file for file in files}


def openstack_files(**settings):
    return by_ending(
        registry.access_files("openstack", {"auth_url": "https://k:5000/v3", **settings}, SECRET, name="lab")
    )


def sourced(text, tmp_path, *names, before=""):
    """What bash has in these variables after it read the file, as strict as it can be."""
    path = tmp_path / "rc"
    path.write_text(text)
    shown = "; ".join(f'printf "%s\\0" "${{{name}-UNSET}}"' for name in names)
    command = ["bash", "-c", f'set -eu; {before} source "$1"; {shown}', "bash", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, env={"HOME": "/home/alice"}, timeout=10)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_clouds_yaml_says_what_was_meant(text):
    secret = {"application_credential_id": text, "application_credential_secret": text}
    settings = {"auth_url": text, "region": text}
    (cloud,) = registry.access_files("openstack", settings, secret, name="lab")[:1]
    assert yaml.safe_load(cloud.text) == {
        "clouds": {
            "lab": {
                "auth_type": "v3applicationcredential",
                "auth": {"auth_url": text, **secret},
                "region_name": text,
                "interface": "public",
                "identity_api_version": 3,
            }
        }
    }


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_openrc_says_what_was_meant(text, tmp_path):
    secret = {"application_credential_id": text, "application_credential_secret": text}
    file = by_ending(registry.access_files("openstack", {"auth_url": text, "region": text}, secret, name="lab"))["sh"]
    names = ("OS_AUTH_URL", "OS_REGION_NAME", "OS_APPLICATION_CREDENTIAL_ID", "OS_APPLICATION_CREDENTIAL_SECRET")
    assert sourced(file.text, tmp_path, *names) == [text] * 4


def test_openrc_forgets_what_an_earlier_one_said(tmp_path):
    """Keystone refuses an application credential that comes with a project."""
    before = "export OS_PROJECT_NAME=old OS_USERNAME=old OS_PASSWORD=old OS_CLOUD=old;"
    names = ("OS_PROJECT_NAME", "OS_USERNAME", "OS_PASSWORD", "OS_CLOUD", "OS_AUTH_TYPE")
    text = openstack_files()["sh"].text
    assert sourced(text, tmp_path, *names, before=before) == ["UNSET"] * 4 + ["v3applicationcredential"]


def test_certificates_of_the_cloud_come_beside_them(tmp_path):
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    found = openstack_files(ca_bundle=pem)
    assert found["pem"].text == pem
    cloud = yaml.safe_load(found["yaml"].text)["clouds"]["lab"]
    assert cloud["cacert"] == "~/.config/openstack/lab.pem"
    assert sourced(found["sh"].text, tmp_path, "OS_CACERT") == ["/home/alice/.config/openstack/lab.pem"]
    assert found["pem"].name == "lab.pem"
    assert "pem" not in openstack_files()


@pytest.mark.filterwarnings("ignore:Support for InfluxDB")
def test_openstacksdk_itself_reads_the_file(tmp_path, monkeypatch):
    from openstack.config import OpenStackConfig

    path = tmp_path / "clouds.yaml"
    path.write_text(openstack_files(region="it's $(north)")["yaml"].text)
    region = OpenStackConfig(config_files=[str(path)], load_envvars=False).get_one("lab")
    assert (region.region_name, region.auth["auth_url"]) == ("it's $(north)", "https://k:5000/v3")
    assert region.config["auth_type"] == "v3applicationcredential"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_fake_clouds_file_says_what_was_meant(text, tmp_path):
    (file,) = registry.access_files("fake", {}, {"place_id": text, "key": text}, name="lab")
    assert sourced(file.text, tmp_path, "FAKE_PLACE", "FAKE_KEY") == [text, text]


def test_secrets_are_in_no_repr_and_no_hint():
    for file in openstack_files().values():
        assert "a-secret" not in repr(file)


def test_an_administrators_secrets_are_in_no_file():
    """Only the public settings are given; were others among them, they would still not be written."""
    mixed = {"auth_url": "https://k:5000/v3", "password": "canary", "username": "canary", "notifications_url": "canary"}
    for file in registry.access_files("openstack", mixed, SECRET, name="lab"):
        assert "canary" not in file.text


def test_where_programs_find_the_cloud():
    place = RemotePlace(id="p-1", name="lab's")
    settings = {"auth_url": "https://k:5000/v3", "region": "north", "password": "canary"}
    told = {door.name: door.value for door in registry.access_doors("openstack", settings, place)}
    assert told == {"Keystone URL": "https://k:5000/v3", "Region": "north", "Project": "lab's", "Project id": "p-1"}
    assert registry.access_doors("libvirt", {}, place) == ()
