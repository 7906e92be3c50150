"""A launch with all that a real OpenStack offers, and every verb, from our pages through our flows to Nova."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client

from dashboard.clouds.models import CloudAccount
from dashboard.images.models import Image
from dashboard.instances import history, inventory
from dashboard.instances.models import Flavor, Instance, PlacingChoice
from dashboard.networks.models import FloatingIp, Network, SecurityGroup
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift

pytestmark = [pytest.mark.openstack, pytest.mark.django_db]
ENDS_WITHIN_S = 240


def until_done(what: str) -> None:
    """What the workers would do, until nothing is open any more."""
    end = time.monotonic() + ENDS_WITHIN_S
    while Operation.objects.open().exists():
        assert time.monotonic() < end, what
        Operation.objects.open().update(due_at=long_ago())
        for pk in Operation.objects.open().values_list("pk", flat=True):
            run.advance(pk)
        time.sleep(0.5)
    last = Operation.objects.order_by("-created_at").first()
    assert last is None or last.state == "done", (what, last.error_code, last.error_detail)


@pytest.fixture
def browser(bob, place) -> Client:
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def launched(browser, place: CloudAccount, shared_project) -> Iterator[Instance]:
    """By the form, with every option; what it leaves in the project is removed."""
    Quota.objects.filter(tenant=place.tenant).update(limit=1000)
    own = Network.objects.for_tenant(place.tenant).get(name="own")
    public = Network.objects.for_tenant(place.tenant).get(name="public")
    group = SecurityGroup.objects.for_tenant(place.tenant).get(name="default")
    typed = {
        "key": uuid.uuid4().hex,
        "cloud": place.cloud_id,
        "name": "every option",
        "image": Image.objects.get(cloud=place.cloud, name="tiny").pk,
        "flavor": Flavor.objects.get(cloud=place.cloud, name="m1.nano").pk,
        "networks": [own.pk],
        f"address_{own.pk.hex}": "10.77.0.77",
        "security_groups": [group.pk],
        "floating_network": public.pk,
        "zone": PlacingChoice.objects.get(cloud=place.cloud, tenant=place.tenant).zones[0],
        "server_group": "new",
        "group_name": f"g-{uuid.uuid4().hex[:8]}",
        "group_policy": "soft-anti-affinity",
        "tags": "green, blue",
    }
    answer = browser.post("/t/lab/instances/launch/", typed)
    assert answer.status_code == 303, answer.content.decode()
    until_done("the launch")
    yield Instance.objects.get()
    with shared_project.connection() as connection:
        for server in connection.compute.servers(details=False):
            connection.compute.delete_server(server)
        for address in connection.network.ips():
            connection.network.delete_ip(address)
        for made in connection.compute.server_groups():
            connection.compute.delete_server_group(made)


def do(browser: Client, instance: Instance, verb: str, **typed: object) -> str:
    """By the verb's page, to its end; returns the status that it has then."""
    answer = browser.post(f"/t/lab/instances/{instance.pk}/{verb}/", typed, headers={"HX-Request": "true"})
    assert answer.status_code == 204, (verb, answer.headers.get("HX-Trigger"), answer.content.decode()[-2000:])
    until_done(verb)
    instance.refresh_from_db()
    return instance.status


def test_a_launch_with_every_option_and_then_every_verb(browser, launched, place, shared_project, lab):
    with shared_project.connection() as connection:
        server = connection.compute.get_server(launched.remote_id)
        (floating_ip,) = connection.network.ips()
        assert (floating_ip.fixed_ip_address, floating_ip.status) in {("10.77.0.77", "ACTIVE"), ("10.77.0.77", "DOWN")}
        (group,) = [g for g in connection.compute.server_groups() if launched.remote_id in g.member_ids]
    assert launched.status == "ACTIVE"
    assert server.availability_zone == launched.zone
    assert (sorted(launched.tags), group.policy) == (["blue", "green"], "soft-anti-affinity")
    assert FloatingIp.objects.get(tenant=lab, remote_id=floating_ip.id).port_id == floating_ip.port_id

    larger = Flavor.objects.filter(cloud=place.cloud, disk_gib__gte=launched.disk_gib, ram_mib__gt=launched.ram_mib)
    small, tiny = larger.exclude(name__startswith="real").order_by("ram_mib").first(), launched.flavor
    for verb, status in (
        ("pause", "PAUSED"), ("unpause", "ACTIVE"), ("suspend", "SUSPENDED"), ("resume", "ACTIVE"),
        ("reboot", "ACTIVE"), ("hard-reboot", "ACTIVE"), ("stop", "SHUTOFF"), ("start", "ACTIVE"),
        ("lock", "ACTIVE"), ("unlock", "ACTIVE"), ("rescue", "RESCUE"), ("unrescue", "ACTIVE"),
        ("shelve", "SHELVED"), ("unshelve", "ACTIVE"),
    ):  # fmt: skip
        assert (verb, do(browser, launched, verb)) == (verb, status)

    assert do(browser, launched, "resize", flavor=small.pk) == "RESIZED"
    held = Quota.objects.get(tenant=lab, resource="ram_mib").used
    assert held == small.ram_mib
    assert do(browser, launched, "revert-resize") == "ACTIVE"
    assert Quota.objects.get(tenant=lab, resource="ram_mib").used == tiny.ram_mib
    assert do(browser, launched, "resize", flavor=small.pk) == "RESIZED"
    assert do(browser, launched, "confirm-resize") == "ACTIVE"
    assert (launched.flavor, launched.held_size, drift(lab)) == (small, None, {})

    snapshot = f"snapshot-{uuid.uuid4().hex[:8]}"
    do(browser, launched, "snapshot", name=snapshot)
    assert Image.objects.get(name=snapshot).tenant == lab
    do(browser, launched, "rebuild", image=launched.image_id, typed="every option")
    do(browser, launched, "rename", name="another name")
    do(browser, launched, "tags", tags="red")
    do(browser, launched, "metadata", metadata="role=web")
    assert (launched.name, launched.tags, launched.metadata) == ("another name", ["red"], {"role": "web"})

    assert inventory.sync_account(place.pk)
    history.fetch(str(launched.pk))
    told = {action.name for action in launched.cloud_actions.all()}
    assert {"create", "pause", "shelve", "resize", "confirmResize", "rebuild", "createImage"} <= told
    page = browser.get(f"/t/lab/instances/{launched.pk}/").content.decode()
    assert "Outside Skydeck" not in page

    assert do(browser, launched, "delete-now") == "DELETED"
    assert Quota.objects.get(tenant=lab, resource="instances").used == 0


def test_a_server_made_with_the_openstack_client_is_found_and_deleted_here(
    browser, launched, place, shared_project, lab
):
    with shared_project.connection() as connection:
        network = connection.network.find_network("own")
        there = connection.compute.get_server(launched.remote_id)
        flavor = connection.compute.find_flavor("m1.nano")
        made = connection.compute.create_server(
            name="by-client", flavor_id=flavor.id, image_id=there.image["id"], networks=[{"uuid": network.id}]
        )
        connection.compute.wait_for_server(made)
    assert inventory.sync_account(place.pk)
    found = Instance.objects.get(remote_id=made.id)
    assert (found.name, found.is_adopted, found.flavor.name, found.tenant) == ("by-client", True, "m1.nano", lab)
    assert Quota.objects.get(tenant=lab, resource="instances").used == 2
    assert do(browser, found, "delete-now") == "DELETED"
    assert Quota.objects.get(tenant=lab, resource="instances").used == 1
