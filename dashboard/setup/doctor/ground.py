"""What can be looked at with the standard library alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .. import acceleration
from ..environment import LIBVIRT, MAIN, PYTHON, TEST, is_inside
from .findings import UP, Finding

LEAST_FREE_GIB = 2


def python() -> Finding:
    where = ".venv" if is_inside() else sys.executable
    return Finding("Python", f"{sys.version.split()[0]} in {where}")


def packages() -> Iterator[Finding]:
    """Whether .venv holds what the locks say. Sets that were never installed are not missed."""
    if not PYTHON.exists():
        yield Finding("Packages", "there is no .venv", UP)
        return
    mends = {MAIN: UP, LIBVIRT: UP, TEST: "python3 manage.py test"}
    for package_set, mend in mends.items():
        if package_set.is_current():
            yield Finding("Packages", f"as {package_set.lock} says")
        elif package_set.stamp_path.exists() or package_set is MAIN:
            yield Finding("Packages", f"not what {package_set.lock} says", mend)


def disk(home: Path) -> Iterator[Finding]:
    """Room for the database and logs, and for guests where their disks are elsewhere."""
    folders = [_existing(home / "cloud").resolve(), _existing(home).resolve()]
    for folder in {folder.stat().st_dev: folder for folder in folders}.values():  # once for each file system
        free_gib = shutil.disk_usage(folder).free / (1 << 30)
        is_short = free_gib < LEAST_FREE_GIB
        mend = f"free some space below {folder}, or set SKYDECK_HOME to another disk" if is_short else ""
        yield Finding("Disk space", f"{free_gib:.1f} GiB free for {folder}", mend)


def accelerated(home: Path) -> Finding:
    """KVM or TCG. Either works, so neither is wrong."""
    found = acceleration.known(home)
    if found is None:
        return Finding("Acceleration", "not looked for yet: no libvirt cloud was set up here")
    return Finding("Acceleration", f"{found.name.upper()}: {found.why}")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
