from __future__ import annotations

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.registry import connect
from tests.clouds.contract import CreateTokenContract, DriverContract


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "cloud.sqlite3")


@pytest.fixture
def image_id():
    return "demo"


@pytest.fixture
def stranger(driver, path):
    driver.check()
    return outside.seed(path, count=1)[0]


class TestFakeCloud(CreateTokenContract):
    @pytest.fixture
    def driver(self, path):
        return connect("fake", {"path": path})


class TestSlowFakeCloud(CreateTokenContract):
    @pytest.fixture
    def driver(self, path):
        return connect("fake", {"path": path, "delay_s": "0.2"})


class TestForgetfulFakeCloud(DriverContract):
    """It has no create token, as Nova has none: looking before creating is all that keeps it at one."""

    @pytest.fixture
    def driver(self, path):
        return connect("fake", {"path": path, "forgetful": "yes"})

    def test_creating_twice_without_looking_makes_two(self, driver, spec):
        driver.compute.create(spec)
        driver.compute.create(spec)
        assert self.count(driver, spec) == 2
