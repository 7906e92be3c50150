"""What went wrong on the fake cloud, and the same cloud with a place for each tenant."""

import pytest

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.tenancy.models import Role
from tests.conftest import actor_of, make_user
from tests.instances.conftest import placed, tiny  # noqa: F401


@pytest.fixture
def faults(fake_path):
    return Faults(str(fake_path))


@pytest.fixture
def as_alice(alice, lab):
    return actor_of(alice, lab)


@pytest.fixture
def as_rita(rita, lab):
    return actor_of(rita, lab)


@pytest.fixture
def as_dave(lab):
    return actor_of(make_user("dave", lab, Role.MEMBER), lab)
