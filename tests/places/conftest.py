"""A fake cloud with places, connected and in use, and nobody on it yet. `fake` looks into it from outside."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from dashboard.clouds.drivers.fake import journal
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.places import actions
from tests.conftest import actor_of

HTMX = {"HX-Request": "true"}


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def placed(db, fake_path) -> Cloud:
    return Cloud.objects.create(name="east", kind="fake", settings={"path": str(fake_path), "places": "yes"})


@pytest.fixture
def for_lab(root, lab):
    """The administrator, acting for `lab`."""
    return actor_of(root, lab)


@pytest.fixture
def for_other(root, other):
    return actor_of(root, other)


@pytest.fixture
def faults(fake_path) -> Faults:
    return Faults(str(fake_path))


@pytest.fixture
def calls(fake_path):
    """The calls that reached the cloud, with those that only read."""
    return lambda call="": journal.entries(str(fake_path), call=call, reads=True)


@pytest.fixture
def admin_browser(root) -> Client:
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def made(placed, for_lab, work) -> CloudAccount:
    """The place of `lab`."""
    actions.make(for_lab, placed, name="lab")
    work()
    return CloudAccount.objects.get(cloud=placed, tenant=for_lab.tenant)


@pytest.fixture
def here(placed):
    return f"/clouds/{placed.pk}/tenants/"


@pytest.fixture
def do(admin_browser, here):
    """A verb on lab's place, by its form."""
    return lambda verb, **values: admin_browser.post(f"{here}lab/{verb}/", values)
