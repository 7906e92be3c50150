"""What the verbs do to a booted guest, seen from inside it. The checks build on each other, in this order."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from dashboard.clouds.interface import LaunchSpec, Status, Verb
from tests.clouds.contract import eventually

from .guest_shell import BOOT_S, boots, said_by

pytestmark = [pytest.mark.real, pytest.mark.slow]

SMALL = {"flavor_id": "small", "vcpus": 1, "ram_mib": 192, "disk_gib": 1}
LARGE = {"flavor_id": "large", "vcpus": 2, "ram_mib": 320, "disk_gib": 2}
SCRIPT = '#!/bin/sh\necho "user data ran on $(hostname)" > /dev/ttyS0\n'
"""A NoCloud seed's user data; see `demo_image/guest/instance-data`."""


@pytest.fixture(scope="module")
def driver(real_driver):
    return real_driver


@pytest.fixture(scope="module")
def spec():
    ours = {"instance_id": str(uuid.uuid4()), "tenant_id": "lab", "operation_id": "op-1"}
    return LaunchSpec(**ours, name="verbs", image_id="demo.qcow2", user_data=SCRIPT, **SMALL)


@pytest.fixture(scope="module")
def guest(driver, spec):
    yield driver.compute.create(spec).id
    driver.compute.delete(spec.instance_id)


@pytest.fixture(scope="module")
def snapshots(libvirtd):
    yield
    for path in libvirtd.images.glob("snapshot-*"):
        path.unlink()


def is_at_rest(driver, guest, status):
    remote = driver.compute.get(guest)
    return remote.status is status and not remote.task


def await_boot(driver, guest, *, after):
    eventually(lambda: boots(driver, guest) > after, seconds=BOOT_S)


def size_inside(driver, guest):
    """(processors, MiB of memory, MiB of the root file system)"""
    ask = "nproc; grep MemTotal /proc/meminfo | tr -dc 0-9; echo; df -m / | tail -n1 | awk '{print $2}'"
    said = said_by(driver, guest, ask)
    processors, memory_kib, disk_mib = (int(line) for line in said.split())
    return processors, memory_kib >> 10, disk_mib


def is_there(driver, guest, name):
    return said_by(driver, guest, f"ls {name} 2>/dev/null | wc -l").split() == ["1"]


class TestVerbsOfAGuest:
    def test_its_user_data_were_run(self, driver, guest):
        await_boot(driver, guest, after=0)
        eventually(lambda: "user data ran on verbs" in driver.compute.console_log(guest), seconds=30)

    def test_a_snapshot_of_it_while_it_runs_becomes_another_guest_with_what_was_written(
        self, driver, spec, guest, snapshots
    ):
        said_by(driver, guest, "echo hello > written-before; sync")
        image_id = driver.lifecycle.snapshot(guest, name="Evening", key=str(uuid.uuid4()))
        eventually(lambda: is_over(driver, guest), seconds=120)
        other = replace(spec, instance_id=str(uuid.uuid4()), name="other", image_id=image_id, user_data="")
        try:
            driver.compute.create(other)
            await_boot(driver, other.instance_id, after=0)
            assert said_by(driver, other.instance_id, "cat written-before; hostname").split() == ["hello", "other"]
        finally:
            driver.compute.delete(other.instance_id)

    def test_after_suspend_and_resume_it_goes_on_with_what_it_had_in_memory(self, driver, guest):
        before = boots(driver, guest)
        said_by(driver, guest, "in_memory=remembered")
        driver.lifecycle.do(guest, Verb.SUSPEND)
        eventually(lambda: is_at_rest(driver, guest, Status.SUSPENDED), seconds=60)
        driver.lifecycle.do(guest, Verb.RESUME)
        eventually(lambda: is_at_rest(driver, guest, Status.ACTIVE), seconds=60)
        assert said_by(driver, guest, "echo $in_memory").split() == ["remembered"]
        assert boots(driver, guest) == before

    def test_after_a_resize_it_sees_its_new_size(self, driver, guest):
        before, small = boots(driver, guest), size_inside(driver, guest)
        driver.lifecycle.resize(guest, **LARGE)
        await_boot(driver, guest, after=before)
        processors, memory, disk = size_inside(driver, guest)
        assert (small[0], processors) == (1, 2)
        assert memory - small[1] > 100
        assert disk - small[2] > 900
        assert is_there(driver, guest, "written-before")
        said_by(driver, guest, "echo later > written-later; sync")

    def test_back_in_its_old_size_its_disk_is_what_it_was(self, driver, guest):
        before = boots(driver, guest)
        driver.lifecycle.do(guest, Verb.REVERT_RESIZE)
        await_boot(driver, guest, after=before)
        processors, memory, disk = size_inside(driver, guest)
        assert processors == 1
        assert memory < 192
        assert disk < 1024
        assert is_there(driver, guest, "written-before")
        assert not is_there(driver, guest, "written-later")

    def test_rebuilt_it_has_a_new_disk_and_its_old_name(self, driver, guest):
        before, mark = boots(driver, guest), driver.compute.get(guest).mark
        driver.lifecycle.rebuild(guest, image_id="demo.qcow2")
        await_boot(driver, guest, after=before)
        assert driver.compute.get(guest).mark == mark
        assert not is_there(driver, guest, "written-before")
        assert said_by(driver, guest, "hostname").split() == ["verbs"]


def is_over(driver, guest):
    driver.lifecycle.carry_on(guest)
    return not driver.compute.get(guest).task
