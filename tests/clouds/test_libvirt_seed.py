from __future__ import annotations

import json
import re
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clouds.drivers.libvirt import seed

UUID = "4b1e0f3c-7a55-4f0e-9a53-2d1f6a7b8c9d"


@pytest.mark.parametrize(
    ("name", "hostname"),
    [
        ("web-1", "web-1"),
        ("Web Server (São Paulo)", "web-server-sao-paulo"),
        ("--a--", "a"),
        ("web.example.org", "web-example-org"),
        ("漢字", "instance-2d1f6a7b8c9d"),
        ("", "instance-2d1f6a7b8c9d"),
        ("x" * 62 + "-y", "x" * 62),
    ],
)
def test_a_host_name_is_made_of_the_name(name, hostname):
    assert seed.hostname(name, domain_uuid=UUID) == hostname


@given(st.text())
def test_any_name_gives_a_host_name_that_is_one(name):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", seed.hostname(name, domain_uuid=UUID))


@given(st.text())
def test_any_name_gives_two_lines_of_meta_data(name):
    assert len(seed.meta_data(domain_uuid=UUID, name=name).splitlines()) == 2


@given(st.text().filter(str.strip))
def test_a_key_cannot_break_out_of_its_line(key):
    *_, line, rest = seed.meta_data(domain_uuid=UUID, name="web-1", public_key=key).split("\n")
    assert rest == ""
    assert json.loads(line.removeprefix("public-keys: ")) == [key.strip()]


def test_without_a_key_there_is_none():
    assert "public-keys" not in seed.meta_data(domain_uuid=UUID, name="web-1", public_key=" ")


@pytest.mark.real
@pytest.mark.parametrize("text", ["", "#cloud-config\npackages: [git]\n", "#!/bin/sh\necho naïve \U0001f984\n"])
def test_user_data_are_passed_on_as_they_are(tmp_path, text):
    path = tmp_path / "seed.iso"
    path.write_bytes(seed.image(domain_uuid=UUID, name="web-1", public_key="k", user_data=text))
    out = tmp_path / "user-data"
    command = ["xorriso", "-osirrox", "on", "-indev", path, "-extract", "/user-data", out]
    subprocess.run(command, capture_output=True, check=True)
    assert out.read_text() == (text or seed.NO_USER_DATA)


@pytest.mark.real
def test_the_disk_is_labelled_and_holds_both_files(tmp_path):
    path = tmp_path / "seed.iso"
    path.write_bytes(seed.image(domain_uuid=UUID, name="web-1", public_key="ssh-ed25519 AAAA a@b"))
    said = subprocess.run(
        ["xorriso", "-indev", path, "-pvd_info", "-find", "/", "-type", "f"], capture_output=True, text=True, check=True
    )
    assert re.search(r"Volume [Ii]d\s*: cidata", said.stdout)
    assert said.stdout.split("'")[1::2] == [str(path), "/meta-data", "/user-data"]


@pytest.mark.real
def test_the_same_words_give_the_same_bytes():
    first = seed.image(domain_uuid=UUID, name="web-1", public_key="k")
    time.sleep(1.1)  # times in the file system are in seconds
    assert seed.image(domain_uuid=UUID, name="web-1", public_key="k") == first
