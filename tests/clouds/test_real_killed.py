"""Verbs on a real libvirtd whose caller is killed in the middle, and that are asked for again."""

from __future__ import annotations

import json
import signal
import subprocess
import uuid

import pytest

from dashboard.clouds.drivers.libvirt import power
from dashboard.clouds.drivers.libvirt.images import snapshot_id
from dashboard.clouds.interface import Conflict, Reason, Refused, Status, Verb
from tests.clouds.contract import OnACloud

from .killed_call import killed

pytestmark = pytest.mark.real

SMALL = {"flavor_id": "small", "vcpus": 1, "ram_mib": 64, "disk_gib": 1}
LARGE = {"flavor_id": "large", "vcpus": 2, "ram_mib": 128, "disk_gib": 2}


@pytest.fixture
def driver(real_driver):
    return real_driver


@pytest.fixture
def image_id():
    return "demo.qcow2"


@pytest.fixture(autouse=True)
def _deaf(monkeypatch):
    """A guest that has not booted hears no button."""
    monkeypatch.setattr(power, "GRACE_S", 1)


def sizes(remote):
    return {name: getattr(remote, name) for name in SMALL}


def disks(libvirtd, remote_id):
    return sorted(path.name for path in libvirtd.pool.glob(f"{remote_id}*.qcow2"))


class OnLibvirt(OnACloud):
    soon_s = 60

    def killed(self, settings, call, arguments, step, when):
        assert killed(settings, call, arguments, step, when) == -signal.SIGKILL


class TestResize(OnLibvirt):
    @pytest.mark.parametrize(
        ("step", "when"),
        [
            ("power.power_off", "after"),
            ("resize.larger_disk", "after"),
            ("resize._define", "after"),
            ("resize.power_on", "after"),
        ],
    )
    def test_one_that_was_killed_is_finished_by_the_next(self, driver, libvirtd, real_settings, remote, step, when):
        self.killed(real_settings, "resize", {"remote_id": remote.id, **LARGE}, step, when)
        driver.lifecycle.resize(remote.id, **LARGE)
        assert sizes(self.expect(driver, remote.id, Status.RESIZED)) == LARGE
        driver.lifecycle.do(remote.id, Verb.REVERT_RESIZE)
        assert sizes(self.expect(driver, remote.id, Status.ACTIVE)) == SMALL
        assert disks(libvirtd, remote.id) == [f"{remote.id}.qcow2"]

    @pytest.mark.parametrize(
        ("step", "when"),
        [
            ("power.power_off", "after"),
            ("resize._define_earlier", "after"),
            ("resize._remove_later_disk", "before"),
        ],
    )
    def test_a_way_back_that_was_killed_is_finished_by_the_next(
        self, driver, libvirtd, real_settings, remote, step, when
    ):
        driver.lifecycle.resize(remote.id, **LARGE)
        self.killed(real_settings, "do", {"remote_id": remote.id, "verb": Verb.REVERT_RESIZE.value}, step, when)
        driver.lifecycle.do(remote.id, Verb.REVERT_RESIZE)
        assert sizes(self.expect(driver, remote.id, Status.ACTIVE)) == SMALL
        assert disks(libvirtd, remote.id) == [f"{remote.id}.qcow2"]

    def test_one_whose_caller_never_came_back_left_one_size_and_a_way_back(self, driver, real_settings, remote):
        self.killed(real_settings, "resize", {"remote_id": remote.id, **LARGE}, "resize._define", "after")
        left = driver.compute.get(remote.id)
        assert (left.status, sizes(left)) == (Status.RESIZED, LARGE)
        driver.lifecycle.do(remote.id, Verb.CONFIRM_RESIZE)
        driver.compute.start(remote.id)
        assert sizes(self.expect(driver, remote.id, Status.ACTIVE)) == LARGE

    def test_one_that_does_not_fit_the_host_is_refused_with_what_is_missing(self, driver, remote):
        with pytest.raises(Refused, match=r"\d+ MiB of memory are missing") as refused:
            driver.lifecycle.resize(remote.id, **{**LARGE, "ram_mib": 10_000_000})
        assert refused.value.reason is Reason.CAPACITY
        assert driver.compute.get(remote.id).status is Status.ACTIVE


class TestRebuild(OnLibvirt):
    @pytest.mark.parametrize(
        ("step", "when"),
        [
            ("rebuild._define", "before"),
            ("rebuild._define", "after"),
            ("rebuild.remove_other_disks", "before"),
        ],
    )
    def test_one_that_was_killed_is_finished_by_the_next(self, driver, libvirtd, real_settings, remote, step, when):
        arguments = {"remote_id": remote.id, "image_id": "demo.qcow2"}
        self.killed(real_settings, "rebuild", arguments, step, when)
        driver.lifecycle.rebuild(**arguments)
        assert self.expect(driver, remote.id, Status.ACTIVE).mark == remote.mark
        assert len(disks(libvirtd, remote.id)) == 1


class TestSnapshot(OnLibvirt):
    @pytest.fixture(params=["on", "off"])
    def remote(self, request, driver, launch, spec):
        remote = launch(spec)
        if request.param == "off":
            driver.compute.stop(remote.id, force=True)
        return driver.compute.get(remote.id)

    @pytest.fixture
    def asked(self, libvirtd, remote):
        arguments = {"remote_id": remote.id, "name": 'Evening\n"1" \U0001f984', "key": str(uuid.uuid4())}
        yield arguments
        for path in libvirtd.images.glob("snapshot-*"):
            path.unlink()

    @pytest.mark.parametrize(
        ("step", "when"),
        [
            ("marks.set_child", "after"),
            ("snapshots.Snapshots._begin", "after"),
            ("images.LibvirtImages.publish", "before"),
            ("images.LibvirtImages.publish", "after"),
        ],
    )
    def test_one_that_was_killed_is_finished_by_whoever_carries_on(
        self, driver, libvirtd, real_settings, remote, asked, step, when
    ):
        if step.startswith("images") and remote.status is Status.ACTIVE:
            pytest.skip("where QEMU copies, the caller that ends it is the one that carries on")
        self.killed(real_settings, "snapshot", asked, step, when)
        assert driver.lifecycle.snapshot(**asked) == snapshot_id(asked["key"])
        self.eventually(lambda: self.is_over(driver, remote.id))
        assert driver.compute.get(remote.id).status is remote.status
        self.expect_whole(driver, libvirtd, asked)

    def test_what_was_copied_by_half_is_never_listed_and_copied_anew(
        self, driver, libvirtd, real_settings, remote, asked
    ):
        self.killed(real_settings, "snapshot", asked, "marks.set_child", "after")
        half = libvirtd.images / snapshot_id(asked["key"])
        half.write_bytes(b"QFI\xfb" + b"\0" * 4096)
        assert half.name not in {image.id for image in driver.images.list()}
        self.eventually(lambda: self.is_over(driver, remote.id))
        self.expect_whole(driver, libvirtd, asked)

    def test_meanwhile_it_is_busy_and_can_be_deleted(self, driver, libvirtd, real_settings, remote, asked):
        self.killed(real_settings, "snapshot", asked, "marks.set_child", "after")
        assert driver.compute.get(remote.id).task == "image_snapshot"
        with pytest.raises(Conflict):
            driver.compute.stop(remote.id)
        with pytest.raises(Conflict):
            driver.lifecycle.snapshot(**{**asked, "key": str(uuid.uuid4())})
        driver.compute.delete(remote.id)
        assert not list(libvirtd.images.glob("snapshot-*"))

    def is_over(self, driver, remote_id):
        driver.lifecycle.carry_on(remote_id)
        return not driver.compute.get(remote_id).task

    def expect_whole(self, driver, libvirtd, asked):
        path = libvirtd.images / snapshot_id(asked["key"])
        image = next(image for image in driver.images.list() if image.id == path.name)
        assert (image.name, image.tenant_id, image.is_public) == (asked["name"], "lab", False)
        said = json.loads(
            subprocess.run(["qemu-img", "info", "--output=json", path], check=True, capture_output=True).stdout
        )
        assert "backing-filename" not in said
        subprocess.run(["qemu-img", "check", path], check=True, capture_output=True)


def test_an_image_without_the_word_that_it_is_whole_can_be_launched_by_nobody(driver, libvirtd):
    path = libvirtd.images / snapshot_id(str(uuid.uuid4()))
    path.write_bytes(b"")
    try:
        for said in ("", 'name = "half', 'name = "half"\n'):
            path.with_suffix(".toml").write_text(said)
            assert path.name not in {image.id for image in driver.images.list()}
        with pytest.raises(Refused) as refused:
            driver.hypervisor.run(lambda connection: driver.images.path(connection, path.name, disk_gib=1))
        assert refused.value.reason is Reason.IMAGE_MISSING
    finally:
        path.unlink()
        path.with_suffix(".toml").unlink()
