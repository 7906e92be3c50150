"""The .venv that Skydeck runs in, made from hashed locks. Standard library only.

Each set of packages has a lock and, once installed, a stamp: the hash of the lock.
While the stamps match, entering .venv costs no more than reading the locks.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import system_packages
from .system_packages import PackagesUnavailable
from .terminal import say

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


@dataclass(frozen=True, slots=True)
class PackageSet:
    """Packages that are installed together, from one lock."""

    name: str
    lock: str

    @property
    def lock_path(self) -> Path:
        return ROOT / self.lock

    @property
    def stamp_path(self) -> Path:
        return VENV / f".{self.name}.sha256"

    def fingerprint(self) -> str:
        """Changes with the lock and with Python's minor version. Not with `sys.version`:
        installing python3.X-venv may bring a newer build of the same Python."""
        return hashlib.sha256(self.lock_path.read_bytes() + repr(sys.version_info[:2]).encode()).hexdigest()

    def is_current(self) -> bool:
        return self.stamp_path.exists() and self.stamp_path.read_text() == self.fingerprint()


MAIN = PackageSet("main", "requirements.lock")
LIBVIRT = PackageSet("libvirt", "requirements-libvirt.lock")
TEST = PackageSet("test", "requirements-test.lock")


def enter(arguments: list[str]) -> None:
    """Install what the command needs and continue inside .venv: returns only when there already."""
    command = arguments[1] if len(arguments) > 1 else ""
    try:
        _install_for(command, assume_yes="--yes" in arguments)
    except PackagesUnavailable as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"`{' '.join(map(str, error.cmd))}` ended with {error.returncode}; what it said is above.")
    if not is_inside():
        os.execv(PYTHON, [str(PYTHON), *arguments])


def is_inside() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def install(package_set: PackageSet) -> None:
    """Install one set into .venv unless it is there. Raises CalledProcessError, after pip said why."""
    if package_set.is_current():
        return
    with _alone():
        if package_set.is_current():  # somebody else did it while we waited
            return
        say(f"Installing Python packages into .venv from {package_set.lock}")
        pip = [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ]
        # without build isolation, since that would fetch build tools that no lock has seen
        flags = ["--require-hashes", "--no-deps", "--no-build-isolation"]
        subprocess.run([*pip, *flags, "-r", str(package_set.lock_path)], check=True)
        package_set.stamp_path.write_text(package_set.fingerprint())


def _install_for(command: str, *, assume_yes: bool) -> None:
    if not MAIN.is_current():
        _make_venv(assume_yes=assume_yes)
        install(MAIN)
    if command == "test":
        install(TEST)
        _install_libvirt_if_it_can_be_built()


def _install_libvirt_if_it_can_be_built() -> None:
    if LIBVIRT.is_current():
        return
    if _has_libvirt_headers():
        install(LIBVIRT)
    else:
        say("Without libvirt's headers its tests cannot run; `python3 manage.py up` installs them.")


def _has_libvirt_headers() -> bool:
    if shutil.which("pkg-config") is None:
        return False
    return subprocess.run(["pkg-config", "--exists", "libvirt"], check=False).returncode == 0


def _make_venv(*, assume_yes: bool) -> None:
    """An empty .venv of this Python, unless there is one: then its packages are brought up to date in place."""
    libraries = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    if MAIN.stamp_path.exists() and libraries.exists() and PYTHON.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        system_packages.install([name], why="A Python environment of its own (.venv)", assume_yes=assume_yes)
    with _alone():
        say("Making .venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock on the checkout's own folder, so that two starts at once do not mix in .venv."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
