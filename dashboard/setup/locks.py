"""Refreshing the hashed locks from pyproject.toml.

Three files, so that each machine installs only what it needs: what everybody
needs, what a libvirt cloud needs on top, what the tests need on top. Two more
are of OpenStack's own services, which the lab of the tests installs elsewhere. No host
name is written into them, so they install from any index.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from .environment import LIBVIRT, MAIN, ROOT, TEST, PackageSet

OPTIONS = ["--universal", "--python-version=3.11", "--generate-hashes", "--quiet"]
OPTIONS += ["--no-emit-index-url", "--no-annotate", "--no-header"]
LAB_LOCKS = tuple(ROOT / "tests/openstack/lab" / f"{name}.lock" for name in ("requirements", "ec2_requirements"))
_NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==")


def refresh(*, upgrade: bool) -> list[Path]:
    """Write all of them; with `upgrade`, to the newest versions that fit. Raises CalledProcessError."""
    _compile(MAIN.lock_path, extra=None, upgrade=upgrade)
    known = names_in(MAIN.lock_path.read_text())
    for package_set in (LIBVIRT, TEST):
        _refresh_extra(package_set, known=known, upgrade=upgrade)
    for path in LAB_LOCKS:
        _compile(path, extra=None, upgrade=upgrade, source=path.with_suffix(".in"))
    return [*(package_set.lock_path for package_set in (MAIN, LIBVIRT, TEST)), *LAB_LOCKS]


def names_in(lock: str) -> set[str]:
    return {found[1].lower() for line in lock.splitlines() if (found := _NAME.match(line))}


def without(lock: str, *, names: set[str]) -> str:
    """The lock less the requirements of these names. A requirement's hashes are its indented lines."""
    kept: list[str] = []
    is_wanted = True
    for line in lock.splitlines(keepends=True):
        if found := _NAME.match(line):
            is_wanted = found[1].lower() not in names
        if is_wanted:
            kept.append(line)
    return "".join(kept)


def _refresh_extra(package_set: PackageSet, *, known: set[str], upgrade: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.lock"
        if package_set.lock_path.exists():  # uv keeps the versions that it finds in its output
            whole.write_text(MAIN.lock_path.read_text() + package_set.lock_path.read_text())
        _compile(whole, extra=package_set.name, upgrade=upgrade)
        package_set.lock_path.write_text(without(whole.read_text(), names=known))


def _compile(output: Path, *, extra: str | None, upgrade: bool, source: Path = ROOT / "pyproject.toml") -> None:
    options = [*OPTIONS, *(["--upgrade"] if upgrade else [])]
    if extra:
        options += ["--extra", extra, "--constraints", str(MAIN.lock_path)]
    uv = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        *options,
        "--output-file",
        str(output),
        str(source),
    ]
    subprocess.run(uv, cwd=ROOT, check=True)
