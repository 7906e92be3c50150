"""One small cloud a test; `lab` is the account of a tenant, root the administrator."""

from __future__ import annotations

import pytest

from . import dialect
from .clients import client


@pytest.fixture(params=["4.4", "5.1"])
def release(request) -> str:
    return request.param


@pytest.fixture(params=["edge", "vpc"])
def mode(request) -> str:
    return request.param


@pytest.fixture
def cloud():
    with dialect() as cloud:
        yield cloud


@pytest.fixture
def edge():
    with dialect(release="4.4", mode="edge") as cloud:
        yield cloud


@pytest.fixture
def ec2(cloud):
    made = client(cloud, "ec2", cloud.lab_key)
    yield made
    made.close()


@pytest.fixture
def root(cloud):
    """EC2 as the cloud's administrator."""
    made = client(cloud, "ec2", cloud.root_key)
    yield made
    made.close()


@pytest.fixture
def edge_ec2(edge):
    made = client(edge, "ec2", edge.lab_key)
    yield made
    made.close()
