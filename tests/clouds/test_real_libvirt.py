"""The libvirt driver on a real libvirtd. Its guests are started but nobody waits for them to boot."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from dataclasses import asdict

import libvirt
import pytest

from dashboard.clouds.drivers.libvirt import power
from dashboard.clouds.interface import Reason, Refused, Status, Unavailable
from dashboard.clouds.registry import connect
from tests.clouds.contract import CreateTokenContract, LifecycleContract, MetricsContract, eventually

from .killed_call import killed

pytestmark = pytest.mark.real

STRANGER = "<domain type='qemu'><name>stranger</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>"
STEPS = [
    ("launch.build", "before"),
    ("storage.make_disk", "before"),
    ("storage.make_disk", "after"),
    ("storage.make_file", "after"),
    ("storage.upload", "before"),
    ("storage.upload", "after"),
    ("launch.build", "after"),
    ("launch._start_if_never_started", "before"),
    ("launch.power_on", "after"),
]


@pytest.fixture
def driver(real_driver):
    return real_driver


@pytest.fixture
def image_id():
    return "demo.qcow2"


@pytest.fixture
def stranger(libvirtd):
    connection = libvirt.open(libvirtd.uri)
    domain = connection.defineXML(STRANGER)
    yield domain.UUIDString()
    domain.undefine()


class TestVerbsOfRealLibvirt(LifecycleContract):
    soon_s = 60

    @pytest.fixture(autouse=True)
    def _deaf(self, monkeypatch):
        """A guest that has not booted hears no button: its power is cut after a second."""
        monkeypatch.setattr(power, "GRACE_S", 1)

    @pytest.fixture
    def remove_image(self, libvirtd):
        return lambda image_id: [path.unlink() for path in libvirtd.images.glob(f"{image_id[:-6]}*")]


class TestMetricsOfRealLibvirt(MetricsContract):
    def test_a_guest_that_hangs_holds_nobody_up(self, driver, libvirtd, remote):
        process = process_of(libvirtd, remote.id)
        waits = threading.Thread(target=ask_the_guest, args=(libvirtd, remote.id))
        os.kill(process, signal.SIGSTOP)
        try:
            waits.start()  # libvirt waits for the guest's answer now
            time.sleep(0.5)
            began = time.monotonic()
            assert self.usage(driver, remote.id).cpu_ns > 0
            assert time.monotonic() - began < 2
        finally:
            os.kill(process, signal.SIGCONT)
            waits.join()


class TestRealLibvirt(CreateTokenContract):
    def test_an_image_is_described_by_the_file_beside_it(self, driver):
        [image] = driver.images.list()
        assert (image.id, image.name, image.min_ram_mib) == ("demo.qcow2", "Demo Linux", 128)
        assert image.login_hint == "demo, demo"

    def test_nothing_is_left_of_what_was_deleted(self, driver, libvirtd, launch, spec):
        remote = launch(spec)
        assert len(files(libvirtd, spec)) == 3
        driver.compute.delete(remote.id)
        assert files(libvirtd, spec) == []

    def test_more_memory_than_there_is_is_refused_and_nothing_is_left(self, driver, libvirtd, spec):
        with pytest.raises(Refused) as refused:
            driver.compute.create(changed(spec, ram_mib=10_000_000))
        assert refused.value.reason is Reason.CAPACITY
        assert files(libvirtd, spec) == []

    def test_a_guest_whose_process_was_killed_is_in_error_and_starts_again(self, driver, libvirtd, launch, spec):
        remote = launch(spec)
        os.kill(process_of(libvirtd, remote.id), signal.SIGKILL)
        eventually(lambda: driver.compute.get(remote.id).status is Status.ERROR)
        assert driver.compute.get(remote.id).fault
        driver.compute.start(remote.id)
        self.expect(driver, remote.id, Status.ACTIVE)

    def test_a_paused_guest_is_paused_and_starts_again(self, driver, libvirtd, launch, spec):
        remote = launch(spec)
        libvirt.open(libvirtd.uri).lookupByUUIDString(remote.id).suspend()
        self.expect(driver, remote.id, Status.PAUSED)
        driver.compute.start(remote.id)
        self.expect(driver, remote.id, Status.ACTIVE)

    @pytest.mark.parametrize(("step", "when"), STEPS)
    def test_a_create_that_was_killed_is_finished_by_the_next(
        self, driver, libvirtd, real_settings, launch, spec, step, when
    ):
        assert killed(real_settings, "create", asdict(spec), step, when) == -signal.SIGKILL
        driver.compute.create(spec)
        assert launch(spec).status is Status.ACTIVE
        assert self.count(driver, spec) == 1
        assert len(files(libvirtd, spec)) == 3

    @pytest.mark.parametrize(("step", "when"), STEPS)
    def test_a_create_that_was_killed_can_be_cleared_away(self, driver, libvirtd, real_settings, spec, step, when):
        assert killed(real_settings, "create", asdict(spec), step, when) == -signal.SIGKILL
        driver.compute.delete(spec.instance_id)
        assert self.count(driver, spec) == 0
        assert files(libvirtd, spec) == []


class TestLibvirtdItself:
    def test_a_restart_is_survived_and_told_to_watchers(self, driver, libvirtd):
        changes = driver.compute.watch(NeverSet())
        libvirtd.restart()
        with pytest.raises(Unavailable):
            next(changes)
        assert driver.check().version

    def test_one_that_hangs_is_away_and_comes_back(self, driver, libvirtd):
        libvirtd.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        try:
            with pytest.raises(Unavailable):
                driver.check()
        finally:
            libvirtd.process.send_signal(signal.SIGCONT)
        assert time.monotonic() - began < 20
        eventually(lambda: answers(driver))

    def test_one_that_is_not_there_is_away(self, tmp_path):
        uri = f"qemu:///session?socket={tmp_path}/none"
        driver = connect("libvirt", {"uri": uri, "pool": "/x", "images": "/x"})
        with pytest.raises(Unavailable):
            driver.check()

    def test_a_directory_that_is_not_there_is_said(self, real_settings):
        driver = connect("libvirt", {**real_settings, "pool": "/nowhere"})
        with pytest.raises(Refused, match="nowhere"):
            driver.check()


class NeverSet:
    def is_set(self):
        return False


def answers(driver):
    try:
        return driver.check()
    except Unavailable:
        return None


def changed(spec, **fields):
    return type(spec)(**{**asdict(spec), **fields})


def files(libvirtd, spec):
    assert uuid.UUID(spec.instance_id)
    return sorted(path.name for path in libvirtd.pool.iterdir() if path.name.startswith(spec.instance_id))


def ask_the_guest(libvirtd, remote_id):
    connection = libvirt.open(libvirtd.uri)
    connection.lookupByUUIDString(remote_id).memoryStats()
    connection.close()


def process_of(libvirtd, remote_id):
    """The pid of a guest, from the file that libvirt writes beside its socket."""
    name = libvirt.open(libvirtd.uri).lookupByUUIDString(remote_id).name()
    [path] = libvirtd.home.rglob(f"{name}.pid")
    return int(path.read_text())
