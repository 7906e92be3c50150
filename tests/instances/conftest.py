"""A fake cloud on which each tenant has a place of its own, and can do everything that a cloud can do."""

import pytest
from django.test import Client

from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.quotas.models import Quota


def give_place(cloud, tenant) -> CloudAccount:
    places = cloud.driver().places
    place = places.create(mark=str(tenant.pk), name=tenant.slug)
    account = CloudAccount(tenant=tenant, cloud=cloud, remote_id=place.id)
    account.keep(places.grant(place.id, label="test"))
    account.save()
    return account


def look(cloud) -> None:
    """A complete look at every place."""
    CloudAccount.objects.filter(cloud=cloud).update(full_at=None)
    for account in cloud.accounts.all():
        assert inventory.sync_account(account.pk)


@pytest.fixture
def placed(lab, other, fake_path) -> Cloud:
    settings = {"path": str(fake_path), "delay_s": "0", "places": "yes"}
    cloud = Cloud.objects.create(name="pretend", kind="fake", settings=settings)
    for tenant in (lab, other):
        give_place(cloud, tenant)
    assert inventory.sync_cloud(cloud.pk)
    look(cloud)
    cloud.refresh_from_db()
    return cloud


@pytest.fixture
def tiny(placed) -> Flavor:
    return Flavor.objects.get(cloud=placed, name="m1.tiny")


@pytest.fixture
def place(placed, lab) -> str:
    """The cloud's id of the place of `lab`."""
    return placed.accounts.get(tenant=lab).remote_id


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


def used(tenant, resource="instances") -> int:
    return Quota.objects.get(tenant=tenant, resource=resource).used


def again(instance) -> Instance:
    instance.refresh_from_db()
    return instance
