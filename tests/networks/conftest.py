"""A fake cloud on which each tenant has a place of its own, with networks: a `public` one that leads out, a `shared`
one, and whatever the tests make in it. `outside` is the tenant's place as its other users see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.clouds.interface import Networks, NetworkSpec
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.networks.models import Network
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.tenancy.models import Tenant


def give_place(cloud: Cloud, tenant: Tenant) -> CloudAccount:
    places = cloud.driver().places
    assert places is not None
    place = places.create(mark=str(tenant.pk), name=tenant.slug)
    account = CloudAccount(tenant=tenant, cloud=cloud, remote_id=place.id)
    account.keep(places.grant(place.id, label="test"))
    account.save()
    return account


@pytest.fixture
def cloud(lab, other, fake_path) -> Cloud:
    settings = {"path": str(fake_path), "delay_s": "0", "places": "yes"}
    cloud = Cloud.objects.create(name="pretend", kind="fake", settings=settings)
    for tenant in (lab, other):
        give_place(cloud, tenant)
    assert inventory.sync_cloud(cloud.pk)
    sync_places(cloud)
    cloud.refresh_from_db()
    return cloud


@pytest.fixture
def small(cloud) -> Flavor:
    """One that the cloud itself offers."""
    return Flavor.objects.get(cloud=cloud, name="m1.small")


def sync_places(cloud: Cloud) -> None:
    CloudAccount.objects.filter(cloud=cloud).update(full_at=None)  # a complete look, not only at what changed
    for account in cloud.accounts.all():
        assert inventory.sync_account(account.pk)


@pytest.fixture
def sync(cloud) -> Callable[[], None]:
    return lambda: sync_places(cloud)


@pytest.fixture
def outside(cloud, lab) -> Networks:
    networks = cloud.driver_for(lab.pk).networks
    assert networks is not None
    return networks


@pytest.fixture
def public(cloud, lab) -> Network:
    return Network.objects.for_tenant(lab).get(name="public")


@pytest.fixture
def routed(outside) -> str:
    """The cloud's id of a network `own`, with a router that leads out."""
    spec = NetworkSpec(mark="routed", name="own", cidr="10.9.0.0/24", external_network_id="public")
    return outside.create_network(spec).id


@pytest.fixture
def plugged(cloud, launch, routed) -> Callable[..., Instance]:
    """Makes an active instance with a port in `own`."""

    def make(name: str) -> Instance:
        instance = launch(name, asked={"networks": [{"id": routed, "address": ""}]})
        for _ in range(20):
            operation = Operation.objects.get(target_id=instance.pk)
            Operation.objects.filter(pk=operation.pk).update(due_at=long_ago())
            run.advance(operation.pk)
        instance.refresh_from_db()
        assert instance.status == "ACTIVE"
        return instance

    return make
