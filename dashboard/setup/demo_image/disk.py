"""A bootable disk around a kernel and an initramfs: GRUB, one partition, ext4, qcow2."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path

from .guest_files import GUEST_FILES
from .packages import BuildFailed, output_of

SIZE_MIB = 64
SECTOR = 512
PARTITION_START = 2048  # in sectors; GRUB's core image lies before it
GRUB_MODULES = [
    "biosdisk",
    "part_msdos",
    "ext2",
    "linux",
    "normal",
    "configfile",
    "serial",
    "terminal",
    "echo",
    "test",
    "minicmd",
]
# With a journal, since power is cut whenever somebody presses Hard reboot: without one, a guest that had just
# grown its disk did not boot again. Room to grow to 64 GiB while mounted (`resize` is in blocks of 4 KiB).
EXT4_FEATURES = "^metadata_csum_seed,^orphan_file,has_journal,resize_inode"
EXT4_MOST_BLOCKS = 16777216


def build(output: Path, *, root: Path, work: Path, kernel: Path, initramfs: bytes) -> None:
    """Write the qcow2 image. `root` holds the unpacked packages, `work` is ours to fill."""
    tree = _tree(work / "tree", kernel=kernel, initramfs=initramfs)
    raw = work / "demo.raw"
    _write_boot_sectors(raw, boot=_grub_boot(root), core=_grub_core(root, work=work))
    _write_file_system(raw, tree=tree)
    output_of("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", str(raw), str(output))


def _tree(folder: Path, *, kernel: Path, initramfs: bytes) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    grub = folder / "boot/grub"
    grub.mkdir(parents=True)
    shutil.copy(kernel, folder / "boot/vmlinuz")
    (folder / "boot/initrd.gz").write_bytes(initramfs)
    (grub / "grub.cfg").write_bytes(GUEST_FILES["grub.cfg"])
    return folder


def _grub_boot(root: Path) -> bytes:
    return (root / "usr/lib/grub/i386-pc/boot.img").read_bytes()


def _grub_core(root: Path, *, work: Path) -> bytes:
    """GRUB's second stage, made by the downloaded grub-mkimage with the downloaded libraries."""
    output = work / "core.img"
    libraries = ":".join(str(root / folder) for folder in ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"))
    modules = root / "usr/lib/grub/i386-pc"
    command = [
        root / "usr/bin/grub-mkimage",
        "-d",
        modules,
        "-O",
        "i386-pc",
        "-p",
        "(,msdos1)/boot/grub",
        "-o",
        output,
    ]
    made = subprocess.run(
        [*map(str, command), *GRUB_MODULES],
        env={**os.environ, "LD_LIBRARY_PATH": libraries},
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise BuildFailed(f"grub-mkimage ended with {made.returncode}: {made.stderr.strip()}")
    return output.read_bytes()


def _write_boot_sectors(raw: Path, *, boot: bytes, core: bytes) -> None:
    """The master boot record with one partition, then GRUB's core up to the partition."""
    if len(core) > (PARTITION_START - 1) * SECTOR:
        raise BuildFailed("GRUB's core image does not fit before the partition")
    record = bytearray(boot)
    record[0x66:0x68] = b"\x90\x90"  # do not trust the BIOS's drive number, as grub-install does for hard disks
    sectors = (SIZE_MIB << 20) // SECTOR - PARTITION_START
    bootable, linux = 0x80, 0x83
    partition = struct.pack("<8BII", bootable, 0, 33, 0, linux, 0xFE, 0xFF, 0xFF, PARTITION_START, sectors)
    record[440:512] = b"demo\0\0" + partition + b"\0" * 48 + b"\x55\xaa"
    with raw.open("wb") as file:
        file.write(record + core)
        file.truncate(SIZE_MIB << 20)


def _write_file_system(raw: Path, *, tree: Path) -> None:
    """ext4 written into the partition by mke2fs itself: no loop device, no mount, no root."""
    offset = PARTITION_START * SECTOR
    options = f"offset={offset},root_owner=0:0,resize={EXT4_MOST_BLOCKS}"
    command = [
        "mke2fs",
        "-q",
        "-t",
        "ext4",
        "-L",
        "demo-root",
        "-m",
        "0",
        "-O",
        EXT4_FEATURES,
        "-E",
        options,
    ]
    output_of(*command, "-d", str(tree), str(raw), f"{((SIZE_MIB << 20) - offset) // 1024}k")
