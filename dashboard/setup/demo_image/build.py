"""Building the demo image once, with progress shown."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from . import disk, initramfs, packages

# A newer image needs a new name: disks of guests are overlays of this file, so it must never change
FILE_NAME = "demo.qcow2"
Say = Callable[[str], None]


def build(image: Path, *, work: Path, say: Say) -> None:
    """Build `image`, about 30 s. Raises BuildFailed; `work` then keeps the downloaded packages."""
    say("Demo image: asking apt what it is made of")
    names = packages.names()
    say(f"Demo image: fetching {len(names)} packages")
    packages.fetch(work / "debs", packages=names)
    say("Demo image: unpacking them")
    root = work / "root"
    packages.unpack(work / "debs", packages=names, root=root)
    kernel = next((root / "boot").glob("vmlinuz-*"))
    say("Demo image: writing the initramfs")
    archive = initramfs.build(root, kernel_version=kernel.name.removeprefix("vmlinuz-"))
    say("Demo image: writing the disk")
    _write(image, root=root, work=work, kernel=kernel, archive=archive)
    say(f"Demo image: done, {image.stat().st_size / 1e6:.0f} MB in {image}")


def _write(image: Path, *, root: Path, work: Path, kernel: Path, archive: bytes) -> None:
    """In one rename: what lies at the image's place is always whole."""
    image.parent.mkdir(parents=True, exist_ok=True)
    unfinished = work / "demo.qcow2"
    disk.build(unfinished, root=root, work=work, kernel=kernel, initramfs=archive)
    unfinished.chmod(0o444)
    unfinished.replace(image)
    shutil.rmtree(work)
