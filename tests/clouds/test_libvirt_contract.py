"""The libvirt driver on the test driver that is built into libvirt: real libvirt, no guests."""

from __future__ import annotations

import pytest

from dashboard.clouds.drivers.libvirt import storage
from dashboard.clouds.registry import connect
from tests.clouds.contract import CreateTokenContract, LifecycleContract

IMAGE = "demo.qcow2"
STRANGER = "6695eb01-f6a4-8304-79aa-97f2502e193f"
"""The domain that libvirt's test driver begins with."""


@pytest.fixture(scope="module")
def driver():
    driver = connect("libvirt", {"uri": "test:///default", "pool": "/default-pool", "images": "/images"})
    driver.hypervisor.run(make_image)
    yield driver
    driver.close()


def make_image(connection):
    storage.make_file(storage.pool_of(connection, "/images"), name=IMAGE, size_bytes=1 << 20)


@pytest.fixture
def image_id():
    return IMAGE


@pytest.fixture
def stranger():
    return STRANGER


class TestLibvirtTestDriver(CreateTokenContract):
    pass


class TestVerbsOfLibvirtTestDriver(LifecycleContract):
    pass
