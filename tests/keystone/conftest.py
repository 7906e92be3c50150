from __future__ import annotations

import pytest
from django.core.cache import cache

from dashboard.clouds.models import Cloud

from .double import running


@pytest.fixture(autouse=True)
def no_tries_counted():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def keystone():
    with running() as keystone:
        yield keystone


@pytest.fixture
def stack(db, keystone, settings) -> Cloud:
    """A connected OpenStack that people sign in with."""
    settings.OPENSTACK_SIGN_IN = "stack"
    return Cloud.objects.create(name="stack", kind="openstack", settings={"auth_url": keystone.url})


@pytest.fixture
def sign_in(client, stack):
    def post(name="ada", password="her secret 77", **fields):
        fields = {"name": name, "password": password, "domain": "Default"} | fields
        return client.post("/accounts/openstack/", fields)

    return post
