"""The parts of the lab that can be tried without an OpenStack: its place, and its processes."""

from __future__ import annotations

import json
import platform
import socket

import pytest

from dashboard.setup import processes as all_processes

from .lab import life, packages, place, processes
from .lab.place import Lab, LabFailed
from .lab.processes import Daemon


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("SKYDECK_LAB_HOME", str(tmp_path / "lab"))
    monkeypatch.delenv("SKYDECK_LAB_PORT_BASE", raising=False)
    return tmp_path / "lab"


@pytest.fixture
def lab(somewhere):
    lab = place.from_environment()
    place.lay_out(lab)
    yield lab
    processes.end(lab, processes.running(lab))


def test_a_lab_listens_on_the_usual_ports_plus_20000(somewhere):
    lab = place.from_environment()
    assert (lab.home, lab.port("keystone"), lab.auth_url) == (somewhere, 25000, "http://127.0.0.1:25000/v3")


@pytest.mark.parametrize("asked", ["ten", "-1", "80", "60000"])
def test_a_port_base_that_cannot_be_is_refused(somewhere, monkeypatch, asked):
    monkeypatch.setenv("SKYDECK_LAB_PORT_BASE", asked)
    with pytest.raises(LabFailed, match="from 1024 to 50000"):
        place.from_environment()


def test_a_lab_keeps_the_ports_that_it_was_made_with(somewhere, monkeypatch):
    monkeypatch.setenv("SKYDECK_LAB_PORT_BASE", "30000")
    first = place.from_environment()
    place.lay_out(first)
    place.keep_ports(first)
    monkeypatch.delenv("SKYDECK_LAB_PORT_BASE")
    assert place.from_environment().port_base == 30000
    monkeypatch.setenv("SKYDECK_LAB_PORT_BASE", "31000")
    with pytest.raises(LabFailed, match="was made with port base 30000"):
        place.from_environment()


def test_a_port_that_is_taken_is_named(somewhere):
    with socket.create_server(("127.0.0.1", 0)) as other:
        base = other.getsockname()[1] - place.USUAL_PORTS["glance"]
        assert place.taken_ports(Lab(somewhere, base))["glance"] == other.getsockname()[1]


def test_passwords_are_made_once_and_readable_by_their_owner_alone(lab):
    assert place.from_environment().secrets == lab.secrets
    assert (lab.home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_daemon_is_started_once_and_found_again(lab):
    sleeper = Daemon("sleeper", ["sleep", "60"])
    processes.start(lab, sleeper)
    (first,) = processes.running(lab)
    processes.start(lab, sleeper)
    assert processes.running(lab) == [first]


def test_a_daemon_is_ended(lab):
    processes.start(lab, Daemon("sleeper", ["sleep", "60"]))
    (process,) = processes.running(lab)
    processes.end(lab, [process])
    assert processes.running(lab) == []
    assert not process.is_alive()


def test_another_process_with_the_same_number_is_not_ours(lab):
    processes.start(lab, Daemon("sleeper", ["sleep", "60"]))
    (process,) = processes.running(lab)
    record = lab.folder("run") / "sleeper.json"
    (entry,) = json.loads(record.read_text())
    record.write_text(json.dumps([entry | {"started": entry["started"] - 1}]))
    assert processes.running(lab) == []
    all_processes.end([process], grace_s=5)


def test_a_daemon_that_ends_is_named_with_its_last_words(lab):
    daemon = Daemon("hasty", ["sh", "-c", "echo cannot go on; exit 1"], lambda: False)
    processes.start(lab, daemon)
    with pytest.raises(LabFailed, match=r"hasty ended\.[\s\S]*cannot go on"):
        processes.wait_for(lab, [daemon])


def test_a_lab_that_was_never_started_is_not_up(somewhere):
    assert not life.is_up(place.from_environment())


def test_where_it_cannot_run_it_says_why(monkeypatch):
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"NAME": "Plan", "VERSION_ID": "9"})
    assert packages.unsupported() == "The OpenStack lab runs on Debian 12; this is Plan 9."
