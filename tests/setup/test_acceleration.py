"""KVM or TCG. QEMU is a small script of the tests' own: what is tested is what we make of its answer."""

from __future__ import annotations

import os

import pytest

from dashboard.setup import acceleration, account

PROCESSOR = "model name\t: Imagined 1\nflags\t\t: fpu {flag} sse\n"
# Finds the file behind `-serial file:` and writes there as a guest would
BOOTS = 'for word; do case $word in file:*) echo "demo login:" > "${word#file:}";; esac; done; exec /usr/bin/sleep 30'
HANGS = "exec /usr/bin/sleep 30"


@pytest.fixture
def machine(tmp_path, programs, monkeypatch):
    """A machine of our own making: its processor, its /dev/kvm and its QEMU."""
    device = tmp_path / "kvm"
    monkeypatch.setattr(acceleration, "DEVICE", device)
    monkeypatch.setattr(acceleration, "BOOT_TIMEOUT_S", 1)

    def make(*, flag: str = "vmx", qemu: str = HANGS, has_device: bool = True):
        monkeypatch.setattr(acceleration, "_processor", lambda: PROCESSOR.format(flag=flag))
        programs("qemu-system-x86_64", f'[ "$1" = --version ] && echo "QEMU 7.2" && exit; {qemu}')
        if has_device:
            device.touch()
        me = account.of(os.geteuid())
        return acceleration.find_out(tmp_path, image=tmp_path / "demo.qcow2", log=tmp_path / "probe.log", account=me)

    return make


def test_a_guest_that_boots_proves_kvm(machine):
    assert machine(qemu=BOOTS).name == "kvm"


def test_a_guest_that_hangs_means_tcg(machine):
    found = machine(qemu=HANGS)
    assert (found.name, found.why) == ("tcg", "a guest did not boot under KVM within 1 s")


def test_a_guest_that_ends_at_once_means_tcg(machine):
    assert machine(qemu="exit 1").name == "tcg"


def test_no_device_means_tcg_without_a_boot(machine):
    assert machine(has_device=False).name == "tcg"


def test_no_hardware_virtualization_means_tcg_without_a_boot(machine):
    found = machine(flag="none", qemu=BOOTS)
    assert (found.name, "no hardware virtualization" in found.why) == ("tcg", True)


def test_the_answer_is_kept_for_the_same_machine(machine):
    machine(qemu=BOOTS)
    assert machine(qemu=HANGS).name == "kvm"


def test_another_qemu_is_asked_again(machine, programs, monkeypatch):
    machine(qemu=BOOTS)
    monkeypatch.setattr("platform.release", lambda: "another kernel")
    assert machine(qemu=HANGS).name == "tcg"
