from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.registry import connect
from tests.clouds.contract import (
    AccessContract,
    CreateTokenContract,
    DriverContract,
    HistoryContract,
    LifecycleContract,
    MetricsContract,
    NetworksContract,
    PlacesContract,
    PlacingContract,
    QuotasContract,
    SecurityContract,
)

pytestmark = pytest.mark.slow


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


class WithoutPlaces:
    @pytest.fixture
    def driver(self, path):
        return connect("fake", {"path": path})


class Slow:
    @pytest.fixture
    def driver(self, path):
        return connect("fake", {"path": path, "delay_s": "0.2"})


class WithPlaces:
    """The driver of one tenant's place, on a cloud where the flavor decides."""

    strangers_are_ours = True
    delay_s = "0"

    @pytest.fixture
    def settings(self, path):
        return {"path": path, "places": "yes", "delay_s": self.delay_s}

    @pytest.fixture
    def admin(self, settings):
        return connect("fake", settings)

    @pytest.fixture
    def connect_place(self, settings):
        return lambda granted: connect("fake", {**settings, **granted})

    @pytest.fixture
    def place(self, admin):
        return admin.places.create(mark="t-1", name="lab")

    @pytest.fixture
    def driver(self, admin, place, connect_place):
        return connect_place(admin.places.grant(place.id, label="contract").settings)

    @pytest.fixture
    def stranger(self, path, place):
        return outside.seed(path, count=1, place_id=place.id)[0]

    @pytest.fixture
    def size(self):
        return {"vcpus": 1, "ram_mib": 512, "disk_gib": 1, "flavor_id": "m1.tiny"}

    @pytest.fixture
    def larger(self):
        return {"vcpus": 2, "ram_mib": 4096, "disk_gib": 40, "flavor_id": "m1.medium"}

    @pytest.fixture
    def too_small(self, spec):
        """The smallest flavor's disk does not hold this image."""
        return replace(spec, image_id="debian-12")


class SlowWithPlaces(WithPlaces):
    delay_s = "0.2"


class TestFakeCloud(WithoutPlaces, CreateTokenContract):
    pass


class TestSlowFakeCloud(Slow, CreateTokenContract):
    pass


class TestForgetfulFakeCloud(DriverContract):
    """It has no create token, as Nova has none: looking before creating is all that keeps it at one."""

    @pytest.fixture
    def driver(self, path):
        return connect("fake", {"path": path, "forgetful": "yes"})

    def test_creating_twice_without_looking_makes_two(self, driver, spec):
        driver.compute.create(spec)
        driver.compute.create(spec)
        assert self.count(driver, spec) == 2


class TestPlaceOfAFakeCloud(WithPlaces, CreateTokenContract):
    pass


class TestFakeVerbs(WithoutPlaces, LifecycleContract):
    pass


class TestSlowFakeVerbs(SlowWithPlaces, LifecycleContract):
    refuses_to_shrink = False


class TestFakeHistory(WithoutPlaces, HistoryContract):
    pass


class TestSlowFakeHistory(SlowWithPlaces, HistoryContract):
    pass


class TestFakePlacing(WithPlaces, PlacingContract):
    pass


class TestFakeNetworks(WithPlaces, NetworksContract):
    pass


class TestFakeSecurityGroups(WithPlaces, SecurityContract):
    pass


class TestFakeMetrics(WithoutPlaces, MetricsContract):
    pass


class TestFakePlaces(WithPlaces, PlacesContract):
    pass


class TestFakeQuotas(WithPlaces, QuotasContract):
    pass


class TestFakeAccess(WithPlaces, AccessContract):
    pass
