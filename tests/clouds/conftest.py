"""A private libvirtd and a driver for it, for the tests that are marked `real`."""

from __future__ import annotations

import shutil

import pytest

try:
    import libvirt
except ImportError as error:
    raise pytest.UsageError(
        "libvirt-python is not installed: run `python3 manage.py test`, which installs it"
    ) from error

from dashboard.clouds.registry import connect
from tests import demo_image
from tests.libvirtd import PrivateLibvirtd

assert libvirt


@pytest.fixture(scope="session")
def libvirtd():
    """With the demo image as `demo.qcow2`, and what is to be said about it beside it."""
    daemon = PrivateLibvirtd()
    try:
        daemon.start()
        shutil.copy(demo_image.cached(), daemon.images / "demo.qcow2")
        (daemon.images / "demo.qcow2").chmod(0o444)
        (daemon.images / "demo.toml").write_text('name = "Demo Linux"\nlogin_hint = "demo, demo"\nmin_ram_mib = 128\n')
        yield daemon
    finally:
        daemon.stop()


@pytest.fixture(scope="session")
def real_settings(libvirtd):
    return {"uri": libvirtd.uri, "pool": str(libvirtd.pool), "images": str(libvirtd.images), "accel": "tcg"}


@pytest.fixture(scope="session")
def real_driver(real_settings):
    driver = connect("libvirt", real_settings)
    yield driver
    driver.close()
