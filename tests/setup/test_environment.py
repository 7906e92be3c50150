"""The .venv and its stamps."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dashboard.setup import environment
from dashboard.setup.environment import PackageSet


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout with a lock and a .venv that pip was never run in."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv").mkdir()
    (tmp_path / "some.lock").write_text("django==5.2\n")
    return tmp_path


@pytest.fixture
def some(checkout) -> PackageSet:
    return PackageSet("some", "some.lock")


def test_a_set_without_a_stamp_is_not_current(some):
    assert not some.is_current()


def test_a_set_is_current_while_its_lock_does_not_change(checkout, some):
    some.stamp_path.write_text(some.fingerprint())
    assert some.is_current()
    (checkout / "some.lock").write_text("django==5.3\n")
    assert not some.is_current()


def test_another_minor_version_of_python_needs_another_install(some, monkeypatch):
    some.stamp_path.write_text(some.fingerprint())
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert not some.is_current()


def test_a_newer_build_of_the_same_python_does_not(some, monkeypatch):
    some.stamp_path.write_text(some.fingerprint())
    monkeypatch.setattr(sys, "version", "3.11.99 (a security update)")
    assert some.is_current()


def test_an_install_that_is_current_starts_no_program(some, monkeypatch):
    some.stamp_path.write_text(some.fingerprint())
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(environment, "PYTHON", "/nonexistent/python")
    environment.install(some)


def test_a_failed_install_leaves_no_stamp(some, monkeypatch):
    monkeypatch.setattr(environment, "PYTHON", "/bin/false")
    with pytest.raises(subprocess.CalledProcessError):
        environment.install(some)
    assert not some.stamp_path.exists()


def test_manage_py_starts_without_anything_installed():
    """What runs before .venv is there may import the standard library only."""
    code = (
        "import sys; sys.path.insert(0, '.');"
        "import dashboard.setup.environment, dashboard.setup.doctor.examine, dashboard.setup.doctor.ground,"
        "dashboard.setup.supervisor"
    )
    isolated = [sys.executable, "-S", "-c", code]  # -S: no site-packages
    ended = subprocess.run(isolated, cwd=environment.ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_locks_name_no_host_and_hash_everything():
    for package_set in (environment.MAIN, environment.LIBVIRT, environment.TEST):
        lock = package_set.lock_path.read_text()
        assert "://" not in lock
        assert all("--hash=sha256:" in entry for entry in lock.replace("\\\n", "").splitlines() if entry)
