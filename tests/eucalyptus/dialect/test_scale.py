"""Rule 5 at its size: 5,000 instances in one answer; and the server by hand."""

from __future__ import annotations

import os
import subprocess
import sys

from . import dialect
from .accounts import Key
from .clients import ask

PROGRAM = "tests.eucalyptus.dialect"


def test_5000_instances_are_one_answer_in_less_than_a_second():
    with dialect(instances=5000) as cloud:
        got = ask(cloud, "ec2", cloud.lab_key, "DescribeInstances")
        assert len(got.all("amiLaunchIndex")) == 5000
        assert cloud.requests[-1].ms < 1000
        assert 4 * 10**6 < cloud.requests[-1].bytes < 10**7


def test_it_starts_from_a_terminal():
    command = [sys.executable, "-m", PROGRAM, "--release", "4.4", "--mode", "edge", "--instances", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=dict(os.environ, PYTHONUNBUFFERED="1")
    ) as run:
        lines = [run.stdout.readline().split() for _ in range(3)]
        served = Served(lines[0][1])
        got = ask(served, "ec2", Key(*lines[2][2:], None, 0), "DescribeInstances")
        run.terminate()
    assert lines[0][0] == "endpoint"
    assert len(got.all("instanceId")) == 2


class Served:
    certificate = None

    def __init__(self, url: str) -> None:
        self.url, self.port = url, int(url.rpartition(":")[2])
