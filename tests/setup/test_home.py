"""Being alone on a home, and on a port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from dashboard.setup import home, processes
from dashboard.setup.home import CannotStart

HOLD = """
import sys
from pathlib import Path
from dashboard.setup import home
home.take(Path(sys.argv[1]))
print("taken", flush=True)
input()
"""


@pytest.fixture
def another_up(tmp_path):
    """Another process that took the home."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "taken\n"
        yield other
        other.kill()


def test_a_second_up_on_the_same_home_is_told_who_has_it(tmp_path, another_up):
    with pytest.raises(CannotStart, match=f"Skydeck runs already on .*: process {another_up.pid}"):
        home.take(tmp_path)
    assert home.is_taken(tmp_path)


def test_the_home_is_free_again_when_the_first_is_killed(tmp_path, another_up):
    another_up.kill()
    another_up.wait()
    assert not home.is_taken(tmp_path)


def test_a_home_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="Set SKYDECK_HOME to another"):
        home.take(tmp_path / "file")


def test_a_port_that_is_taken_is_said_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} on 127.0.0.1 is taken.*SKYDECK_PORT={port + 1}"):
            home.check_address("127.0.0.1", port=port)


def test_a_free_port_is_fine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    home.check_address("127.0.0.1", port=port)


def test_an_address_of_another_machine_is_said():
    with pytest.raises(CannotStart, match="Set SKYDECK_BIND"):
        home.check_address("192.0.2.1", port=8000)


@pytest.fixture
def sleeper():
    with subprocess.Popen(["sleep", "60"], process_group=0) as process:
        yield process
        process.kill()


def test_leftovers_that_are_proven_ours_are_ended(tmp_path, sleeper):
    (tmp_path / "run").mkdir()
    processes.write_record(home.record(tmp_path), processes=[processes.identify(sleeper.pid, name="worker")])
    home.end_leftovers(tmp_path)
    assert sleeper.wait(timeout=5) == -15


def test_a_process_that_got_the_same_number_since_is_left_alone(tmp_path, sleeper):
    (tmp_path / "run").mkdir()
    found = processes.identify(sleeper.pid, name="worker")
    stale = processes.Process(found.name, found.pid, found.started - 1, found.command)
    processes.write_record(home.record(tmp_path), processes=[stale])
    home.end_leftovers(tmp_path)
    assert sleeper.poll() is None


def test_a_record_that_cannot_be_read_is_no_record(tmp_path):
    (tmp_path / "run").mkdir()
    home.record(tmp_path).write_text("[{")
    home.end_leftovers(tmp_path)


def test_a_zombie_is_not_alive():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert processes.identify(child, name="child") is None
    os.waitpid(child, 0)
