"""The parts of the demo image that can be checked without building one."""

from __future__ import annotations

import subprocess

import pytest

from dashboard.setup.demo_image import initramfs, packages
from dashboard.setup.demo_image.cpio import Archive
from dashboard.setup.demo_image.guest_files import GUEST_FILES
from dashboard.setup.demo_image.packages import BuildFailed

SCRIPTS = ["init", "rc.start", "rc.stop", "instance-data", "udhcpc.script", "shutdown"]


def test_an_archive_is_read_back_whole():
    archive = Archive()
    archive.file("etc/motd", "hello\n")
    archive.file("bin/busybox.suid", b"\x7fELF", mode=0o4755)
    archive.link("bin/sh", to="busybox.suid")
    assert _names(archive.packed()) == ["etc", "bin", "etc/motd", "bin/busybox.suid", "bin/sh", "TRAILER!!!"]


def _names(packed: bytes) -> list[str]:
    """Read as the kernel does: a head of 110 bytes, the name, the data, each padded to 4."""
    names, at = [], 0
    while at < len(packed):
        assert packed[at : at + 6] == b"070701"
        size, length = int(packed[at + 54 : at + 62], 16), int(packed[at + 94 : at + 102], 16)
        names.append(packed[at + 110 : at + 110 + length - 1].decode())
        at += (110 + length + 3) // 4 * 4
        at += (size + 3) // 4 * 4
    return names


def test_folders_come_before_what_they_hold():
    archive = Archive()
    archive.file("a/b/c/file", "")
    names = _names(archive.packed())
    assert names.index("a") < names.index("a/b") < names.index("a/b/c") < names.index("a/b/c/file")


def test_a_modules_dependencies_are_read_from_it():
    assert initramfs._module_depends(b"\0alias=x\0depends=virtio_ring,crc-t10dif\0intree=Y\0") == [
        "virtio_ring",
        "crc_t10dif",
    ]
    assert initramfs._module_depends(b"\0depends=\0") == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_guests_scripts_are_shell(name):
    checked = subprocess.run(["sh", "-n"], input=GUEST_FILES[name], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_guest_says_how_to_log_in_and_takes_no_password_over_the_network():
    start = GUEST_FILES["rc.start"].decode()
    assert 'Log in as "demo" with the password "demo"; ssh needs a key.' in start
    assert "dropbear -R -s" in start


def test_what_a_program_said_is_in_the_error():
    with pytest.raises(BuildFailed, match="No such file"):
        packages.output_of("ls", "/nonexistent")


def test_a_program_that_is_missing_is_named():
    with pytest.raises(BuildFailed, match="grub-nothing is not installed"):
        packages.output_of("grub-nothing")
