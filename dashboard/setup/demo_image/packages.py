"""What the demo image is made of, and where it is unpacked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

KERNEL = "linux-image-cloud-amd64"
PROGRAMS = [
    "busybox-static",
    "dropbear-bin",
    "e2fsprogs",
    "grub-common",
    "grub-pc-bin",
    "qemu-guest-agent",
]
_ONLY_DEPENDS = [
    f"--no-{kind}"
    for kind in (
        "recommends",
        "suggests",
        "conflicts",
        "breaks",
        "replaces",
        "enhances",
    )
]


class BuildFailed(Exception):
    """The demo image could not be built; the text says why."""


def output_of(*command: str, cwd: Path | None = None) -> str:
    """What a program printed. Raises BuildFailed with its own words."""
    try:
        return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError as error:
        raise BuildFailed(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise BuildFailed(f"{' '.join(command[:3])} ended with {error.returncode}: {error.stderr.strip()}") from error


def names() -> list[str]:
    """Every package needed. Raises BuildFailed where apt has no package lists."""
    return [_kernel(), *PROGRAMS, *_libraries()]


def fetch(folder: Path, *, packages: list[str]) -> None:
    """Download what is not in `folder` yet. apt checks the signatures; no root is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    if missing := [name for name in packages if not _downloaded(folder, name=name)]:
        output_of("apt-get", "download", "-qq", *missing, cwd=folder)


def unpack(folder: Path, *, packages: list[str], root: Path) -> None:
    """Unpack the packages below `root`, which is emptied first. Runs none of their scripts."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name in packages:
        output_of("dpkg-deb", "-x", str(_downloaded(folder, name=name)[-1]), str(root))


def _kernel() -> str:
    """The package that the kernel's meta package points to today."""
    for line in output_of("apt-cache", "depends", KERNEL).splitlines():
        if line.strip().startswith("Depends: linux-image-"):
            return line.strip().removeprefix("Depends: ")
    raise BuildFailed(f"apt knows no {KERNEL}; `apt-get update` as root brings the package lists")


def _libraries() -> list[str]:
    """Asked, not listed: their names change from one release of the distribution to the next."""
    lines = output_of("apt-cache", "depends", "--recurse", *_ONLY_DEPENDS, *PROGRAMS).splitlines()
    found = {line for line in lines if line.startswith(("lib", "zlib1g")) and "perl" not in line}
    return sorted(found)


def _downloaded(folder: Path, *, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}_*.deb"))
