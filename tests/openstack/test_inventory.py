"""A tenant's place on a real OpenStack in our rows: what is found, what changes, what is gone, and what it costs."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from dashboard.clouds import secrets
from dashboard.clouds.models import CloudAccount
from dashboard.images.models import Image
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.networks.models import Network, Port, SecurityGroup
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift

from .proxy import Status

pytestmark = [pytest.mark.openstack, pytest.mark.django_db(transaction=True)]


@contextmanager
def by_hand(project):
    """A server that somebody makes with another tool."""
    with project.connection() as connection:
        flavor, image = connection.compute.find_flavor("m1.nano"), connection.image.find_image("tiny")
        made = connection.compute.create_server(
            name="by-hand", flavor_id=flavor.id, image_id=image.id, networks=[{"uuid": project.network()}]
        )
        try:
            yield connection.compute.wait_for_server(made, wait=180, interval=1)
        finally:
            connection.compute.delete_server(made, ignore_missing=True)
            connection.compute.wait_for_delete(made, wait=120, interval=1)


@pytest.fixture(scope="module")
def server(shared_project):
    with by_hand(shared_project) as server:
        yield server


def used(resource: str) -> int:
    return Quota.objects.get(tenant__slug="lab", resource=resource).used


def test_the_first_look_finds_sizes_images_and_networks(place):
    assert place.health == "up"
    assert Flavor.objects.filter(cloud=place.cloud, name="m1.nano", vcpus=1).exists()
    assert Image.objects.filter(cloud=place.cloud, name="tiny", tenant=None).exists()
    assert set(Network.objects.filter(tenant=place.tenant).values_list("name", "is_own")) >= {("own", True)}
    assert SecurityGroup.objects.filter(tenant=place.tenant, name="default").exists()


def test_a_server_made_elsewhere_is_adopted_and_counts(place, server):
    assert inventory.sync_account(place.pk)
    instance = Instance.objects.get(remote_id=server.id)
    assert (instance.name, instance.status, instance.is_adopted) == ("by-hand", "ACTIVE", True)
    assert (instance.flavor.name, instance.image.name, instance.vcpus) == ("m1.nano", "tiny", 1)
    assert instance.addresses
    assert instance.addresses[0].startswith("10.77.")
    assert (used("instances"), drift(place.tenant)) == (Instance.objects.present().count(), {})
    assert Port.objects.filter(instance_id=server.id).exists()


def test_over_the_limit_it_is_shown_and_nothing_is_killed(place, server):
    Quota.objects.filter(tenant=place.tenant, resource="instances").update(limit=0)
    assert inventory.sync_account(place.pk)
    assert Instance.objects.get(remote_id=server.id).status == "ACTIVE"
    assert used("instances") >= 1


def test_a_quiet_look_takes_three_calls_and_one_when_only_instances_are_asked_for(place, server, proxy):
    inventory.sync_account(place.pk)
    proxy.forget()
    assert inventory.sync_account(place.pk)
    assert len(proxy.calls()) <= 3, [call.path for call in proxy.calls()]
    proxy.forget()
    assert inventory.sync_account(place.pk, only_instances=True)
    assert len(proxy.calls()) == 1


def test_what_is_changed_and_deleted_elsewhere_shows_at_the_next_look(place, shared_project):
    with by_hand(shared_project) as server, shared_project.connection() as connection:
        inventory.sync_account(place.pk)
        connection.compute.stop_server(server.id)
        connection.compute.wait_for_server(server, status="SHUTOFF", wait=60, interval=1)
        assert inventory.sync_account(place.pk, only_instances=True)
        assert Instance.objects.get(remote_id=server.id).status == "SHUTOFF"
        before = used("instances")
    assert inventory.sync_account(place.pk, only_instances=True)
    instance = Instance.objects.get(remote_id=server.id)
    assert (instance.status, instance.deleted_at is not None, used("instances")) == ("DELETED", True, before - 1)


def test_what_a_lost_cursor_missed_is_gone_after_two_complete_looks(place, shared_project):
    with by_hand(shared_project) as server:
        inventory.sync_account(place.pk)
    for looks in (1, 2):
        CloudAccount.objects.update(full_at=None)
        assert inventory.sync_account(place.pk)
        assert Instance.objects.filter(remote_id=server.id, deleted_at=None).exists() == (looks == 1)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_cloud_that_refuses_to_list_takes_nothing_from_us(place, server, proxy, status):
    inventory.sync_account(place.pk)
    CloudAccount.objects.update(full_at=None)
    proxy.inject(Status(status), service="compute", path=r"/servers/detail", times=None)
    for _ in range(3):
        assert not inventory.sync_account(place.pk)
    assert Instance.objects.get(remote_id=server.id).deleted_at is None
    assert CloudAccount.objects.get().is_away
    proxy.clear()
    assert inventory.sync_account(place.pk)
    assert not CloudAccount.objects.get().is_away


def test_a_credential_that_is_not_accepted_any_more_is_said_and_deletes_nothing(place, server, shared_project):
    inventory.sync_account(place.pk)
    wrong = secrets.unseal(place.sealed) | {"application_credential_secret": "wrong"}
    CloudAccount.objects.update(sealed=secrets.seal(wrong), full_at=None)
    for _ in range(3):
        assert not inventory.sync_account(place.pk)
    assert CloudAccount.objects.get().health == "refused"
    assert Instance.objects.get(remote_id=server.id).deleted_at is None
