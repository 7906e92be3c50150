from __future__ import annotations

import multiprocessing
import threading
import time

import pytest

from dashboard.clouds.drivers.libvirt.deadline import Deadline
from dashboard.clouds.drivers.libvirt.hypervisor import Hypervisor
from dashboard.clouds.interface import Unavailable


@pytest.fixture
def stuck():
    event = threading.Event()
    yield event.wait
    event.set()


def test_it_gives_back_what_the_work_returns():
    assert Deadline(limit=1).within(5, lambda: 42) == 42


def test_it_raises_what_the_work_raises():
    with pytest.raises(KeyError):
        Deadline(limit=1).within(5, lambda: {}["a"])


def test_work_that_hangs_is_given_up(stuck):
    began = time.monotonic()
    with pytest.raises(Unavailable):
        Deadline(limit=1).within(0.1, stuck)
    assert time.monotonic() - began < 2


def test_no_more_than_the_limit_can_hang(stuck):
    deadline = Deadline(limit=2)
    for _ in range(4):
        with pytest.raises(Unavailable):
            deadline.within(0.05, stuck)
    assert sum(thread.name == "libvirt-call" for thread in threading.enumerate()) == 2


def test_what_hung_and_came_back_makes_room():
    deadline, gate = Deadline(limit=1), threading.Event()
    with pytest.raises(Unavailable):
        deadline.within(0.05, gate.wait)
    gate.set()
    assert deadline.within(5, lambda: 42) == 42


def test_a_connection_is_not_carried_over_a_fork():
    hypervisor = Hypervisor("test:///default")
    assert hypervisor.run(lambda connection: connection.getType()) == "TEST"
    fork = multiprocessing.get_context("fork")
    answers = fork.SimpleQueue()
    child = fork.Process(target=lambda: answers.put(refusal_of(hypervisor)))
    child.start()
    child.join(10)
    assert "fork" in answers.get()


def refusal_of(hypervisor):
    try:
        return hypervisor.run(lambda connection: "it was used")
    except RuntimeError as error:
        return str(error)
