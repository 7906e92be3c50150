"""What the lab is made of: Debian's packages, and OpenStack's own from a hashed lock in a venv of the lab's."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.setup import embedded_cloud, locks, system_packages
from dashboard.setup.terminal import say

from .place import Lab, LabFailed

LOCK = Path(__file__).resolve().parent / "requirements.lock"
PACKAGES = [
    *embedded_cloud.PACKAGES,
    *("mariadb-server-core", "mariadb-client-core", "rabbitmq-server", "memcached", "genisoimage", "iproute2"),
]
# what others of the lock are built with: there first, since nothing outside the lock is fetched to build them
BUILDING = {"packaging", "setuptools", "wheel", "pbr"}
NO_SERVICES = Path("/usr/sbin/policy-rc.d")


def unsupported() -> str:
    """Why the lab cannot run here; nothing where it can."""
    system = _system()
    if system != "Debian 12":
        return f"The OpenStack lab runs on Debian 12; this is {system}."
    if sys.version_info[:2] != (3, 11):
        return f"The OpenStack lab runs on Python 3.11; this is {platform.python_version()}."
    if platform.machine() != "x86_64":
        return f"The OpenStack lab runs on x86_64; this is {platform.machine()}."
    if os.geteuid() != 0:
        return "The OpenStack lab takes root: its guests have network cards, and its libvirtd folders of its own."
    return ""


def install(lab: Lab, *, assume_yes: bool) -> None:
    """Install what is missing. Raises LabFailed, PackagesUnavailable or CalledProcessError, after pip said why."""
    if reason := unsupported():
        raise LabFailed(reason)
    with _no_service_starts():
        system_packages.install(PACKAGES, why="The OpenStack lab", assume_yes=assume_yes)
    make_venv(lab.folder("venv"), lock=LOCK)


def make_venv(venv: Path, *, lock: Path) -> None:
    """A venv with what the lock names, unless there is one. Raises CalledProcessError, after pip said why."""
    stamp = venv / ".lock.sha256"
    if stamp.exists() and stamp.read_text() == fingerprint(lock):
        return
    say(f"Installing OpenStack's Python packages into {venv} (1 to 2 minutes)")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    _pip_install(venv, lock=lock)
    stamp.write_text(fingerprint(lock))


def fingerprint(lock: Path = LOCK) -> str:
    """Changes with any version of any package."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _pip_install(venv: Path, *, lock: Path) -> None:
    python = str(venv / "bin/python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    flags = ["--require-hashes", "--no-deps", "--no-build-isolation"]
    text = lock.read_text()
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first.lock"
        first.write_text(locks.without(text, names=locks.names_in(text) - BUILDING))
        for path in (first, lock):
            subprocess.run([*pip, *flags, "-r", str(path)], check=True)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian starts a server as soon as it is installed, on its usual port; this is the way to say no."""
    if NO_SERVICES.exists() or os.geteuid() != 0:
        yield
        return
    NO_SERVICES.write_text("#!/bin/sh\nexit 101\n")
    NO_SERVICES.chmod(0o755)
    try:
        yield
    finally:
        NO_SERVICES.unlink()


def _system() -> str:
    """Such as Debian 12."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return platform.system()
    return f"{told['NAME'].removesuffix(' GNU/Linux')} {told.get('VERSION_ID', '')}".strip()
