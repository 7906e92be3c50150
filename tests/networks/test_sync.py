"""What the cloud says about networks, into rows: theirs and ours, few queries, quotas, nothing lost."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.audit.models import Entry
from dashboard.audit.verify import first_broken
from dashboard.clouds.drivers.fake.outside import make_network
from dashboard.clouds.interface import NetworkSpec, RemotePort
from dashboard.live.models import Event
from dashboard.networks import actions
from dashboard.networks.models import FloatingIp, Network, Port, Router, Rule, SecurityGroup, Subnet
from dashboard.networks.sync import sync_networks, sync_ports
from dashboard.networks.view import View
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift


def used(tenant, resource: str) -> int:
    return Quota.objects.get(tenant=tenant, resource=resource).used


def spec(name: str = "theirs", mark: str = "", external: str = "") -> NetworkSpec:
    return NetworkSpec(mark=mark or uuid.uuid4().hex, name=name, cidr="10.1.0.0/24", external_network_id=external)


class Ports:
    """A cloud that only has ports."""

    def __init__(self, count: int) -> None:
        self.seen = tuple(
            RemotePort(id=f"p-{n}", network_id="net", mac="", status="ACTIVE", addresses=(("s", f"10.0.0.{n}"),))
            for n in range(count)
        )

    def ports(self):
        return self.seen

    def floating_ips(self):
        return ()


def test_networks_that_are_everybodys_are_shown_and_count_for_nobody(cloud, lab):
    assert set(Network.objects.for_tenant(lab).values_list("name", "is_own")) == {("public", False), ("shared", False)}
    assert used(lab, "networks") == 0


def test_what_others_made_in_the_place_is_shown_and_counts(cloud, lab, other, outside, sync):
    outside.create_network(spec(external="public"))
    sync()
    network = Network.objects.for_tenant(lab).get(name="theirs")
    assert [subnet.cidr for subnet in network.subnets.all()] == ["10.1.0.0/24"]
    assert Router.objects.for_tenant(lab).get().external_network_id == "public"
    assert (used(lab, "networks"), used(lab, "routers"), drift(lab)) == (1, 1, {})
    assert not Network.objects.for_tenant(other).filter(name="theirs").exists()


def test_the_one_zone_in_which_a_network_lies_is_known_and_shown(cloud, lab, fake_path, sync, client, bob):
    place_id = cloud.accounts.get(tenant=lab).remote_id
    make_network(str(fake_path), place_id=place_id, name="zoned", cidr="10.5.0.0/24", zone="two")
    sync()
    assert set(Network.objects.for_tenant(lab).values_list("name", "zone")) >= {("zoned", "two"), ("shared", "")}
    client.force_login(bob)
    pages = {row.name: client.get(f"/t/lab/networks/{row.pk}/") for row in Network.objects.for_tenant(lab)}
    assert "<dt>Zone</dt><dd>two</dd>" in pages["zoned"].content.decode()
    assert "<dt>Zone</dt>" not in pages["shared"].content.decode()


def test_what_is_over_the_limit_is_shown_and_not_killed(cloud, lab, outside, sync):
    Quota.objects.filter(tenant=lab, resource="networks").update(limit=0)
    outside.create_network(spec())
    sync()
    assert used(lab, "networks") == 1
    assert len([n for n in outside.networks() if n.is_own]) == 1


def test_what_is_gone_is_gone_here_and_gives_its_quota_back(cloud, lab, outside, sync):
    remote = outside.create_network(spec())
    sync()
    outside.delete_network(remote.id)
    sync()
    assert not Network.objects.for_tenant(lab).filter(name="theirs").exists()
    assert (used(lab, "networks"), Subnet.objects.filter(cidr="10.1.0.0/24").count(), drift(lab)) == (0, 0, {})


def test_what_was_asked_for_here_is_found_by_its_mark(cloud, lab, outside, sync):
    row = Network.objects.create(tenant=lab, cloud=cloud, name="ours", mark="m-1", failure="deadline")
    remote = outside.create_network(spec("ours", mark="m-1"))
    sync()
    row.refresh_from_db()
    assert (row.remote_id, row.failure) == (remote.id, "")
    assert Network.objects.for_tenant(lab).filter(name="ours").count() == 1
    assert used(lab, "networks") == 1


def test_a_look_that_began_before_we_changed_a_row_leaves_it_alone(cloud, lab, outside):
    view = View(cloud, lab)
    remote = outside.allocate(mark="m-2", network_id="public")
    row = FloatingIp.objects.create(tenant=lab, cloud=cloud, remote_id=remote.id, mark="m-2")
    FloatingIp.objects.filter(pk=row.pk).update(acted_at=View(cloud, lab).taken_at)
    view.write(FloatingIp, [])
    assert FloatingIp.objects.filter(pk=row.pk).exists()
    View(cloud, lab).write(FloatingIp, [])
    assert not FloatingIp.objects.filter(pk=row.pk).exists()


def test_a_thousand_ports_that_did_not_change_take_two_queries(cloud, lab):
    ports = Ports(1000)
    sync_ports(cloud, ports, tenant=lab)
    Event.objects.all().delete()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        sync_ports(cloud, ports, tenant=lab)
    assert len(queries) == 2
    assert (Port.objects.count(), Event.objects.count()) == (1000, 0)


def test_the_first_look_at_a_thousand_ports_takes_few_queries_too(cloud, lab, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):  # SQLite takes 999 values in one statement
        sync_ports(cloud, Ports(1000), tenant=lab)


def test_a_complete_look_that_changed_nothing_takes_seven_queries(cloud, lab, outside, sync):
    for number in range(8):
        group = outside.create_security_group(mark=f"g-{number}", name=f"g-{number}")
        outside.allocate(mark=f"f-{number}", network_id="public")
    assert group.rules
    sync()
    with CaptureQueriesContext(connection) as queries:
        sync_networks(cloud, outside, tenant=lab)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"] * 7


def test_one_that_changed_is_written_and_told_once(cloud, lab, django_assert_max_num_queries):
    ports = Ports(1000)
    sync_ports(cloud, ports, tenant=lab)
    Event.objects.all().delete()
    ports.seen = ports.seen[:500]
    with django_assert_max_num_queries(20):
        sync_ports(cloud, ports, tenant=lab)
    assert Port.objects.count() == 500
    assert list(Event.objects.values_list("topic", flat=True)) == ["networks"]


def test_rules_come_and_go(cloud, lab, outside, sync):
    group = SecurityGroup.objects.for_tenant(lab).get(name="default")
    before = set(group.rules.values_list("remote_id", flat=True))
    assert len(before) == 4
    outside.remove_rule(before.pop())
    sync()
    assert set(group.rules.values_list("remote_id", flat=True)) == before
    assert Rule.objects.filter(group__tenant=lab).count() == 3


@pytest.mark.parametrize("resource", ["security_groups", "floating_ips"])
def test_groups_and_addresses_of_others_count(cloud, lab, outside, sync, resource):
    before = used(lab, resource)
    outside.create_security_group(mark="x", name="x")
    outside.allocate(mark="y", network_id="public")
    sync()
    assert used(lab, resource) == before + 1
    assert drift(lab) == {}


def test_what_others_made_and_removed_is_in_the_audit_trail_and_what_is_everybodys_is_not(outside, lab, sync):
    made = outside.create_network(spec())
    sync()
    outside.delete_network(made.id)
    for _ in range(2):
        sync()
    said = Entry.objects.filter(object_kind="network").order_by("number")
    assert [(entry.verb, entry.actor, entry.object_name) for entry in said] == [
        ("network.adopted", "system", "theirs"),
        ("network.removed-outside", "system", "theirs"),
    ]
    assert first_broken(str(lab.pk)) is None


def test_what_we_made_and_deleted_ourselves_is_no_change_from_outside(as_bob, cloud, work, sync):
    network = actions.create_network(
        as_bob, cloud=cloud, name="web", subnet={"cidr": "10.5.0.0/24"}, external=None, key="k"
    )
    work()
    sync()
    actions.delete_network(as_bob, network.pk)
    work()
    sync()
    assert not Entry.objects.filter(object_kind="network", outcome="seen").exists()
    assert Entry.objects.filter(object_kind="network").count() == 4
