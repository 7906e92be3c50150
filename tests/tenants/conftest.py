import pytest

from dashboard.tenancy.access import Administrator


@pytest.fixture
def administrator(root):
    return Administrator(user=root)


@pytest.fixture
def as_root(client, root):
    client.force_login(root)
    return client
