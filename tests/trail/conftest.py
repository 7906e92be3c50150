import pytest
from django.test import Client

from dashboard.audit.record import record


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(alice):
    return browser_of(alice)


@pytest.fixture
def admin(root):
    return browser_of(root)


@pytest.fixture
def write(lab):
    """Writes an entry of `lab`, with something else where it is said."""

    def one(verb="instance.stop", **more):
        about = {"actor": "bob", "tenant": str(lab.pk), "object_kind": "instance", "object_id": "i-1"}
        return record(verb, **about | {"object_name": "web", "outcome": "done", "address": "192.0.2.7"} | more)

    return one
