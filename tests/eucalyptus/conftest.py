"""One dialect server for each combination of release and mode, and our drivers on it."""

from __future__ import annotations

import uuid
from contextlib import closing

import pytest

from dashboard.clouds.drivers.eucalyptus import places, session
from dashboard.clouds.interface import LaunchSpec
from dashboard.clouds.registry import connect

from .dialect import dialect
from .drivers import settings_of

EVERY = [(release, mode) for release in ("4.4", "5.1") for mode in ("edge", "vpc")]


@pytest.fixture(params=EVERY, ids=[f"{release}-{mode}" for release, mode in EVERY])
def cloud(request):
    release, mode = request.param
    with dialect(release=release, mode=mode, zone_names=("zone-a",)) as cloud:
        yield cloud


@pytest.fixture
def admin(cloud):
    with closing(connect("eucalyptus", settings_of(cloud))) as driver:
        yield driver


@pytest.fixture
def place(admin):
    return admin.places.create(mark="t-1", name="blue")


@pytest.fixture
def driver(cloud, admin, place):
    """Of the tenant whose account it is."""
    granted = admin.places.grant(place.id, label="tests")
    with closing(connect("eucalyptus", {**settings_of(cloud), **granted.settings})) as driver:
        yield driver


KIND = "m1.small"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(session, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(places, "PAUSE_S", 0.05)


@pytest.fixture
def spec(cloud):
    kind = cloud.types[KIND]
    sizes = {"vcpus": kind.vcpus, "ram_mib": kind.memory_mib, "disk_gib": kind.disk_gib, "flavor_id": KIND}
    image_id = next(image.id for image in cloud.images.values() if image.root == "instance-store")
    ours = {"instance_id": str(uuid.uuid4()), "tenant_id": "lab", "operation_id": "op-1"}
    return LaunchSpec(**ours, name="web", image_id=image_id, **sizes)
