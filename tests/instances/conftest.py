"""A fake cloud on which each tenant has a place of its own, and can do everything that a cloud can do."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from dashboard.clouds import tasks as cloud_tasks
from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.images.models import Image
from dashboard.instances import actions, inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.quotas.models import Quota
from tests.conftest import actor_of


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


def at_once(*calls):
    """What came of each, called from threads that begin together: `None`, or the exception."""
    barrier, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run_one(number, call):
        barrier.wait()
        try:
            call()
        except Exception as error:  # the thread's edge
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run_one, args=one) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


# --- of what is deleted and can be restored ---------------------------------------------


@pytest.fixture
def active(launch, work):
    instance = launch()
    work()
    return again(instance)


@pytest.fixture
def as_alice(alice, lab):
    return actor_of(alice, lab)


@pytest.fixture
def deleted(active, as_bob, work):
    """By bob, while it ran."""
    actions.change(as_bob, active.pk, "delete")
    work()
    return again(active)


def machines(cloud):
    return [(remote.id, remote.status) for remote in cloud.driver().compute.list()]


def over(instance):
    """The time in which it can be restored is over."""
    Instance.objects.filter(pk=instance.pk).update(delete_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def figures(cloud, fake_path):
    """The hosts of the cloud as they were read a moment ago: one with a little room, one that is down."""
    outside.set_host(str(fake_path), "fake-host", vcpus=4, ram_mib=1500, disk_gib=100)
    outside.set_host(str(fake_path), "fake-host-2", vcpus=4, ram_mib=9000, disk_gib=100, state="down")
    cloud_tasks.fetch(str(cloud.pk), "hosts")


@pytest.fixture
def second(lab, tmp_path, cloud, image):
    """Another cloud with an image and one flavor of the same names."""
    other = Cloud.objects.create(name="second", kind="fake", settings={"path": str(tmp_path / "second")}, health="up")
    CloudAccount.objects.create(tenant=lab, cloud=other)
    Flavor.objects.create(cloud=other, name="small", vcpus=1, ram_mib=512, disk_gib=5)
    Image.objects.create(cloud=other, name=image.name, remote_id="other")
    return other
