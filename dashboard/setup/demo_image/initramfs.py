"""The guest's system: everything that runs in it, as one archive that installs itself onto the disk."""

from __future__ import annotations

import gzip
import lzma
import re
import time
from pathlib import Path

from .cpio import Archive
from .guest_files import GUEST_FILES
from .packages import BuildFailed, output_of

MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio_rng", "virtio_balloon", "virtio_scsi"]
MODULES += ["sd_mod", "sr_mod", "ata_piix", "isofs", "vfat", "nls_cp437", "nls_ascii", "nls_iso8859-1"]
MODULES += ["qemu_fw_cfg", "button", "evdev"]
PROGRAMS = ["usr/sbin/dropbear", "usr/bin/dropbearkey", "sbin/resize2fs", "usr/sbin/qemu-ga"]
LIBRARY_FOLDERS = [
    "lib/x86_64-linux-gnu",
    "usr/lib/x86_64-linux-gnu",
    "lib64",
    "usr/lib64",
]


def build(root: Path, *, kernel_version: str) -> bytes:
    """The compressed archive, from packages unpacked below `root`."""
    archive = Archive()
    archive.console()
    _add_folders(archive)
    _add_busybox(archive, root=root)
    _add_modules(archive, folder=root / "lib/modules" / kernel_version)
    _add_programs(archive, root=root)
    _add_accounts(archive, root=root)
    _add_scripts(archive)
    archive.file("etc/demo-release", f"demo {kernel_version} {time.strftime('%Y-%m-%d')}\n")
    return gzip.compress(archive.packed(), 9, mtime=0)


def _add_folders(archive: Archive) -> None:
    for name in ("proc", "sys", "run", "lib64", "home/demo"):
        archive.folder(name)
    archive.folder("tmp", mode=0o1777)
    archive.folder("root", mode=0o700)


def _add_busybox(archive: Archive, *, root: Path) -> None:
    busybox = root / "bin/busybox"
    archive.file("bin/busybox", busybox.read_bytes(), mode=0o755)
    archive.file("bin/busybox.suid", busybox.read_bytes(), mode=0o4755)
    for applet in output_of(str(busybox), "--list").split():
        if applet != "busybox":
            archive.link(f"bin/{applet}", to="busybox.suid" if applet == "su" else "busybox")
    for applet in ("init", "getty", "udhcpc"):
        archive.link(f"sbin/{applet}", to="/bin/busybox")


def _add_modules(archive: Archive, *, folder: Path) -> None:
    """The modules and what they depend on, with the order in which to load them."""
    files = {path.name.split(".ko")[0].replace("-", "_"): path for path in folder.rglob("*.ko*")}
    order: list[str] = []

    def add(name: str) -> None:
        if name in order or name not in files:  # not a module: built into this kernel
            return
        data = _module(files[name])
        for needed in _module_depends(data):
            add(needed)
        archive.file(f"lib/modules/{name}.ko", data)
        order.append(name)

    for name in MODULES:
        add(name.replace("-", "_"))
    archive.file("lib/modules/order", "".join(f"{name}.ko\n" for name in order))


def _module(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def _module_depends(data: bytes) -> list[str]:
    found = re.search(rb"\0?depends=([^\0]*)\0", data)
    return [name.replace("-", "_") for name in found[1].decode().split(",") if name] if found else []


def _add_programs(archive: Archive, *, root: Path) -> None:
    """Programs, and every shared library that they need, and that those need."""
    todo = [_program(root, name=name) for name in PROGRAMS]
    for name, path in zip(PROGRAMS, todo, strict=True):
        archive.file(name, path.read_bytes(), mode=0o755)
    added: set[str] = set()
    while todo:
        for library in _libraries_needed(todo.pop()):
            if library not in added:
                added.add(library)
                todo.append(path := _library(root, name=library))
                folder = "lib64" if library.startswith("ld-linux") else "lib"
                archive.file(f"{folder}/{library}", path.read_bytes(), mode=0o755)


def _program(root: Path, *, name: str) -> Path:
    """A program's file; newer releases keep all of them below /usr."""
    for path in (root / name, root / "usr" / name):
        if path.exists():
            return path
    raise BuildFailed(f"no package has {name}")


def _libraries_needed(path: Path) -> list[str]:
    return re.findall(r"Shared library: \[([^]]+)]", output_of("readelf", "-d", str(path)))


def _library(root: Path, *, name: str) -> Path:
    for folder in LIBRARY_FOLDERS:
        if (path := root / folder / name).exists():
            return path.resolve()
    raise BuildFailed(f"no package has the library {name}")


def _add_accounts(archive: Archive, *, root: Path) -> None:
    """root without a password, and demo/demo: for the console of a demonstration only."""
    password = output_of(str(root / "bin/busybox"), "mkpasswd", "-m", "sha512", "demo").strip()
    archive.file(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\ndemo:x:1000:1000:demo:/home/demo:/bin/sh\n",
    )
    archive.file("etc/group", "root:x:0:\ntty:x:5:\ndemo:x:1000:\n")
    archive.file(
        "etc/shadow",
        f"root:*:19000:0:99999:7:::\ndemo:{password}:19000:0:99999:7:::\n",
        mode=0o600,
    )
    archive.file("etc/shells", "/bin/sh\n")
    archive.file("etc/hostname", "demo\n")
    archive.file("etc/hosts", "127.0.0.1 localhost\n")
    archive.file("etc/nsswitch.conf", "passwd: files\nhosts: files dns\n")


def _add_scripts(archive: Archive) -> None:
    archive.file("init", GUEST_FILES["init"], mode=0o755)
    archive.file("sbin/shutdown", GUEST_FILES["shutdown"], mode=0o755)
    for name in ("rc.start", "rc.stop", "instance-data", "udhcpc.script"):
        archive.file(f"etc/{name}", GUEST_FILES[name], mode=0o755)
    for name in ("inittab", "motd", "profile"):
        archive.file(f"etc/{name}", GUEST_FILES[name])
    # busybox's acpid names the power button either way, depending on the kernel
    for name in ("PWRF/00000080", "button/power PWRF 00000080"):
        archive.file(f"etc/acpi/{name}", "#!/bin/sh\nexec poweroff\n", mode=0o755)
