"""The pages of networks on a real Neutron: from the form through our flows to the cloud and back into rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from openstack.connection import Connection

from dashboard.clouds.models import CloudAccount
from dashboard.images.models import Image
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.networks.models import FloatingIp, Network, Port, Router, SecurityGroup
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from tests.openstack.faults import LostAnswer
from tests.openstack.test_instances import until_done

pytestmark = [pytest.mark.openstack, pytest.mark.django_db]
HERE = "/t/lab/networks/"


@pytest.fixture
def browser(bob, place: CloudAccount) -> Client:
    Quota.objects.filter(tenant=place.tenant).update(limit=1000)
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def name() -> str:
    """Nobody else's in the project."""
    return f"pages-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def neutron(shared_project) -> Iterator[Connection]:
    with shared_project.connection() as connection:
        yield connection


def post(browser: Client, path: str, **typed: object) -> None:
    """To the end of what it asked for."""
    answer = browser.post(HERE + path, typed)
    assert answer.status_code == 303, (path, answer.status_code, answer.content.decode()[-2000:])
    until_done(path)


def used(place: CloudAccount, resource: str) -> int:
    return Quota.objects.get(tenant=place.tenant, resource=resource).used


def make(browser: Client, place: CloudAccount, name: str) -> Network:
    public = Network.objects.for_tenant(place.tenant).get(name="public")
    typed = {"cloud": place.cloud_id, "name": name, "cidr": "10.83.0.0/24", "external": public.pk, "has_dhcp": "on"}
    post(browser, "new/", key=uuid.uuid4().hex, dns="192.0.2.53", **typed)
    return Network.objects.for_tenant(place.tenant).get(name=name)


def test_a_network_with_a_way_out_is_made_and_leaves_nothing_when_it_is_deleted(browser, place, neutron, name):
    before = used(place, "networks"), used(place, "routers")
    network = make(browser, place, name)
    subnet = network.subnets.get()
    remote = neutron.network.get_subnet(subnet.remote_id)
    assert (remote.cidr, remote.gateway_ip, remote.dns_nameservers) == ("10.83.0.0/24", "10.83.0.1", ["192.0.2.53"])
    assert Router.objects.get(name=name).subnet_ids == [subnet.remote_id]
    assert (used(place, "networks"), used(place, "routers")) == (before[0] + 1, before[1] + 1)
    page = browser.get(f"{HERE}topology/").content.decode()
    assert page.count(f"<b>{name}</b>") == 2
    post(browser, f"{network.pk}/delete/")
    assert neutron.network.find_network(name) is None
    assert neutron.network.find_router(name) is None
    assert (used(place, "networks"), used(place, "routers"), drift(place.tenant)) == (*before, {})


def test_an_answer_that_was_lost_leaves_one_network_and_one_router(browser, place, neutron, proxy, name):
    for path in ("/networks", "/routers"):
        proxy.inject(LostAnswer(), service="network", method="POST", path=path)
    network = make(browser, place, name)
    assert [len(list(found(name=name))) for found in (neutron.network.networks, neutron.network.routers)] == [1, 1]
    post(browser, f"{network.pk}/delete/")
    assert neutron.network.find_network(name) is None


def test_a_router_connects_a_network_and_lets_it_go(browser, place, neutron, name):
    network = make(browser, place, name)
    router = Router.objects.get(name=name)
    (subnet,) = network.subnets.all()
    post(browser, f"routers/{router.pk}/disconnect/", subnet=subnet.remote_id)
    router.refresh_from_db()
    assert router.subnet_ids == []
    post(browser, f"routers/{router.pk}/connect/", subnet=subnet.pk)
    assert len(list(neutron.network.ports(device_id=router.remote_id, device_owner="network:router_interface"))) == 1
    post(browser, f"{network.pk}/delete/")


def test_a_security_group_gets_rules_and_loses_them(browser, place, neutron, name):
    post(browser, "security-groups/new/", cloud=place.cloud_id, name=name, description="<b>web</b>", key="k")
    group = SecurityGroup.objects.get(name=name)
    rules = f"security-groups/{group.pk}/rules/"
    typed = {"direction": "ingress", "family": "IPv4"}
    post(browser, rules, protocol="tcp", ports="22", cidr="192.0.2.0/24", **typed)
    post(browser, rules, group=group.remote_id, **typed)
    post(browser, rules, protocol="icmp", **(typed | {"family": "IPv6"}))
    there = neutron.network.get_security_group(group.remote_id)
    seen = {(r["protocol"], r["port_range_min"], r["remote_ip_prefix"]) for r in there.security_group_rules}
    assert {("tcp", 22, "192.0.2.0/24"), ("ipv6-icmp", None, None)} <= seen
    assert group.rules.count() == 5
    assert there.description.startswith("<b>web</b>")
    post(browser, f"{rules}{group.rules.get(port_min=22).pk}/remove/")
    assert neutron.network.get_security_group(group.remote_id).security_group_rules.__len__() == 4
    post(browser, f"security-groups/{group.pk}/delete/")
    assert neutron.network.find_security_group(group.remote_id) is None


@pytest.fixture
def plugged(browser, place: CloudAccount, name, neutron) -> Iterator[Instance]:
    """An instance in a network of its own with a way out."""
    network = make(browser, place, name)
    typed = {
        "key": uuid.uuid4().hex,
        "cloud": place.cloud_id,
        "name": name,
        "image": Image.objects.get(cloud=place.cloud, name="tiny").pk,
        "flavor": Flavor.objects.get(cloud=place.cloud, name="m1.nano").pk,
        "networks": [network.pk],
    }
    answer = browser.post("/t/lab/instances/launch/", typed)
    assert answer.status_code == 303, answer.content.decode()
    until_done("the launch")
    instance = Instance.objects.get(name=name)
    yield instance
    neutron.compute.delete_server(instance.remote_id)
    neutron.compute.wait_for_delete(neutron.compute.find_server(instance.remote_id) or instance, wait=60)
    post(browser, f"{network.pk}/delete/")


def test_a_floating_ip_leads_to_an_instance_whose_network_stays(browser, place, neutron, plugged, name):
    public = Network.objects.for_tenant(place.tenant).get(name="public")
    before = set(FloatingIp.objects.values_list("pk", flat=True))
    post(browser, "floating-ips/new/", cloud=place.cloud_id, external=public.pk, key=uuid.uuid4().hex)
    address = FloatingIp.objects.exclude(pk__in=before).get()
    network = Network.objects.get(name=name)
    browser.post(f"{HERE}{network.pk}/delete/")  # no look was taken since the launch: the cloud itself refuses
    with pytest.raises(AssertionError, match="network-in-use"):
        until_done("deleting what is in use")
    assert Network.objects.get(pk=network.pk).failure == "network-in-use"
    inventory.sync_account(place.pk)
    assert name in browser.get(f"{HERE}{network.pk}/delete/").content.decode().split("Still in use by")[1]
    post(browser, f"floating-ips/{address.pk}/associate/", port=Port.objects.get(instance_id=plugged.remote_id).pk)
    assert (
        neutron.network.get_ip(address.remote_id).port_id == Port.objects.get(instance_id=plugged.remote_id).remote_id
    )
    post(browser, f"floating-ips/{address.pk}/disassociate/")
    assert neutron.network.get_ip(address.remote_id).port_id is None
    post(browser, f"floating-ips/{address.pk}/release/")
    assert neutron.network.find_ip(address.remote_id) is None
    assert Operation.objects.filter(state="failed").count() == 1
    assert drift(place.tenant) == {}
