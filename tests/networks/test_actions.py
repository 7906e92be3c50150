"""Verbs of networks end to end on the fake cloud: asked for, done by a worker, seen."""

import uuid

import pytest

from dashboard.audit.models import Entry
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import RuleSpec
from dashboard.live.models import Event
from dashboard.networks import actions
from dashboard.networks.actions import NotPossible
from dashboard.networks.models import FloatingIp, Network, Port, Router, Rule, SecurityGroup
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import QuotaExceeded, drift

SUBNET = {"cidr": "10.5.0.0/24", "gateway": "", "has_dhcp": True, "dns": ["192.0.2.53"]}


def used(lab, resource: str) -> int:
    return Quota.objects.get(tenant=lab, resource=resource).used


def failure_of(row) -> str:
    row.refresh_from_db()
    return row.failure


@pytest.fixture
def make(as_bob, cloud, work):
    """A network with a router to the outside; made at once."""

    def ask(name: str = "web", external=None, **changed) -> Network:
        asked = {"cloud": cloud, "subnet": SUBNET, "external": external, "key": uuid.uuid4().hex} | changed
        network = actions.create_network(as_bob, name=name, **asked)
        work()
        network.refresh_from_db()
        return network

    return ask


@pytest.fixture
def group(as_bob, cloud, work):
    made = actions.create_group(as_bob, cloud=cloud, name="web", description="for the web", key="g")
    work()
    made.refresh_from_db()
    return made


@pytest.fixture
def address(as_bob, cloud, public, work):
    made = actions.allocate(as_bob, cloud=cloud, external=public, key="f")
    work()
    made.refresh_from_db()
    return made


def test_a_network_is_shown_at_once_and_made_with_subnet_and_router(as_bob, cloud, public, lab, work, outside):
    network = actions.create_network(as_bob, cloud=cloud, name="web", subnet=SUBNET, external=public, key="k")
    assert Network.objects.for_tenant(lab).get(name="web").remote_id == ""
    work()
    network.refresh_from_db()
    subnet = network.subnets.get()
    assert (subnet.cidr, subnet.gateway, subnet.dns) == ("10.5.0.0/24", "10.5.0.1", ["192.0.2.53"])
    assert Router.objects.for_tenant(lab).get().subnet_ids == [subnet.remote_id]
    assert (used(lab, "networks"), used(lab, "routers"), drift(lab)) == (1, 1, {})


def test_everything_is_audited_and_told_under_one_topic(make, lab):
    Event.objects.all().delete()
    network = make()
    kinds = Entry.objects.filter(object_id=str(network.pk)).values_list("verb", "outcome")
    assert list(kinds) == [("network.create", "accepted"), ("network.create", "done")]
    told = Event.objects.filter(tenant_id=lab.pk, user_id=None)  # the one for a person is their bell's
    assert set(told.values_list("topic", flat=True)) == {"networks"}


def test_the_same_key_makes_one(as_bob, cloud, make, lab):
    first, second = make(key="once"), make(key="once")
    assert first == second
    assert used(lab, "networks") == 1


def test_it_is_refused_when_quota_is_full_and_nothing_is_written(as_bob, make, lab):
    Quota.objects.filter(tenant=lab, resource="networks").update(limit=0)
    with pytest.raises(QuotaExceeded):
        make()
    assert not Operation.objects.exists()
    assert not Network.objects.for_tenant(lab).filter(name="web").exists()


def test_a_lost_answer_leaves_one_network_and_one_router(make, fake_path, outside, public):
    Faults(str(fake_path)).lose_answer(call="create_network")
    make(external=public)
    assert len([remote for remote in outside.networks() if remote.is_own]) == 1
    assert len(outside.routers()) == 1


def test_what_the_cloud_refuses_stays_with_the_reason_and_gives_its_quota_back(make, fake_path, lab, public, outside):
    Faults(str(fake_path)).fail("Refused", call="create_network", reason="invalid")
    network = make(external=public)
    assert (network.remote_id, network.failure) == ("", "refused-invalid")
    assert (used(lab, "networks"), used(lab, "routers"), drift(lab)) == (0, 0, {})
    assert not Router.objects.for_tenant(lab).exists()


def test_what_was_never_made_can_be_deleted(make, fake_path, as_bob, work, lab):
    Faults(str(fake_path)).fail("Refused", call="create_network")
    network = make()
    actions.delete_network(as_bob, network.pk)
    work()
    assert not Network.objects.for_tenant(lab).filter(name="web").exists()
    assert drift(lab) == {}


def test_deleting_takes_the_router_along_and_frees_the_quota(make, as_bob, public, work, outside, lab):
    network = make(external=public)
    actions.delete_network(as_bob, network.pk)
    work()
    assert not outside.routers()
    assert not Network.objects.for_tenant(lab).filter(name="web").exists()
    assert (used(lab, "networks"), used(lab, "routers"), drift(lab)) == (0, 0, {})


def test_deleting_is_refused_naming_what_is_plugged_in(plugged, sync, as_bob, lab):
    plugged("web-1")
    sync()
    with pytest.raises(NotPossible, match=r"Still in use by web-1\."):
        actions.delete_network(as_bob, Network.objects.for_tenant(lab).get(name="own").pk)


def test_what_was_plugged_in_behind_our_back_is_said_by_the_cloud(routed, plugged, as_bob, sync, work, lab):
    sync()
    plugged("web-1")
    Port.objects.all().delete()  # not seen yet
    network = Network.objects.for_tenant(lab).get(name="own")
    actions.delete_network(as_bob, network.pk)
    work()
    assert failure_of(network) == "network-in-use"


def test_what_is_only_shared_cannot_be_deleted(as_bob, lab, cloud):
    shared = Network.objects.for_tenant(lab).get(name="shared")
    with pytest.raises(NotPossible, match="only shared"):
        actions.delete_network(as_bob, shared.pk)


def test_another_tenants_network_does_not_exist(make, alice, other, charlie):
    from tests.conftest import actor_of

    network = make()
    with pytest.raises(Network.DoesNotExist):
        actions.delete_network(actor_of(charlie, other), network.pk)


# --- routers ----------------------------------------------------------------------


def test_a_router_is_connected_and_disconnected(as_bob, cloud, public, make, work):
    network = make()
    router = actions.create_router(as_bob, cloud=cloud, name="r", external=public, key="r")
    work()
    actions.connect_router(as_bob, router.pk, subnet=network.subnets.get())
    work()
    router.refresh_from_db()
    assert router.subnet_ids == [network.subnets.get().remote_id]
    actions.disconnect_router(as_bob, router.pk, subnet_id=router.subnet_ids[0])
    work()
    router.refresh_from_db()
    assert router.subnet_ids == []


def test_a_router_through_which_a_floating_ip_leads_stays(as_bob, plugged, sync, work, address, lab):
    instance = plugged("web-1")
    sync()
    actions.associate(as_bob, address.pk, port=Port.objects.get(instance_id=instance.remote_id))
    work()
    address.refresh_from_db()
    with pytest.raises(NotPossible, match=address.address):
        actions.delete_router(as_bob, Router.objects.for_tenant(lab).get().pk)


def test_a_router_is_deleted_with_its_connections(as_bob, make, public, work, outside, lab):
    make(external=public)
    actions.delete_router(as_bob, Router.objects.for_tenant(lab).get().pk)
    work()
    assert not outside.routers()
    assert used(lab, "routers") == 0


# --- security groups --------------------------------------------------------------


def test_a_group_has_the_clouds_own_rules_once_it_is_made(group, lab):
    assert sorted(group.rules.values_list("direction", "family")) == [("egress", "IPv4"), ("egress", "IPv6")]
    assert used(lab, "security_groups") == 2


def test_a_rule_is_shown_at_once_and_then_there(group, as_bob, work, outside):
    spec = RuleSpec(direction="ingress", protocol="tcp", port_min=22, port_max=22, cidr="192.0.2.0/24")
    actions.add_rule(as_bob, group.pk, spec=spec)
    rule = group.rules.get(port_min=22)
    assert rule.remote_id == ""
    work()
    rule.refresh_from_db()
    assert rule.remote_id in {r.id for g in outside.security_groups() if g.name == "web" for r in g.rules}


def test_the_same_rule_twice_is_one(group, as_bob, work):
    spec = RuleSpec(direction="ingress", protocol="tcp", port_min=22, port_max=22)
    for _ in range(2):
        actions.add_rule(as_bob, group.pk, spec=spec)
    work()
    assert group.rules.filter(port_min=22).count() == 1


def test_a_rule_that_the_cloud_refuses_goes_again(group, as_bob, work, fake_path):
    Faults(str(fake_path)).fail("Refused", call="add_rule", reason="invalid")
    actions.add_rule(as_bob, group.pk, spec=RuleSpec(direction="ingress"))
    work()
    assert Rule.objects.filter(group=group).count() == 2
    assert Operation.objects.get(kind="security-group.add-rule").state == "failed"


def test_a_rule_is_removed(group, as_bob, work, outside):
    rule = group.rules.first()
    actions.remove_rule(as_bob, group.pk, rule_id=rule.pk)
    work()
    assert not Rule.objects.filter(pk=rule.pk).exists()
    assert rule.remote_id not in {r.id for g in outside.security_groups() for r in g.rules}


def test_a_group_in_use_is_not_deleted_and_says_by_whom(plugged, sync, as_bob, lab, outside):
    instance = plugged("web-1")
    group = outside.create_security_group(mark="x", name="web")
    port = next(port for port in outside.ports() if port.instance_id == instance.remote_id)
    outside.set_security_groups(port.id, group_ids=[group.id])
    sync()
    with pytest.raises(NotPossible, match=r"Still in use by web-1\."):
        actions.delete_group(as_bob, SecurityGroup.objects.get(name="web").pk)


def test_the_default_group_stays(as_bob, lab, cloud):
    with pytest.raises(NotPossible, match="does not let it go"):
        actions.delete_group(as_bob, SecurityGroup.objects.for_tenant(lab).get(name="default").pk)


def test_a_group_is_deleted(group, as_bob, work, lab):
    actions.delete_group(as_bob, group.pk)
    work()
    assert list(SecurityGroup.objects.for_tenant(lab).values_list("name", flat=True)) == ["default"]
    assert used(lab, "security_groups") == 1


# --- floating IPs -----------------------------------------------------------------


def test_a_floating_ip_is_allocated_led_to_an_instance_and_back(address, plugged, sync, as_bob, work, lab):
    instance = plugged("web-1")
    sync()
    assert address.address.startswith("203.0.113.")
    actions.associate(as_bob, address.pk, port=Port.objects.get(instance_id=instance.remote_id))
    work()
    address.refresh_from_db()
    assert address.port_id == Port.objects.get(instance_id=instance.remote_id).remote_id
    actions.disassociate(as_bob, address.pk)
    work()
    address.refresh_from_db()
    assert (address.port_id, used(lab, "floating_ips")) == ("", 1)


def test_without_a_way_out_it_says_so(address, plugged, as_bob, sync, fake_path, lab, work):
    said = f"External network {uuid.uuid4()} is not reachable from subnet {uuid.uuid4()}. Therefore, cannot associate"
    Faults(str(fake_path)).fail("NotFound", call="associate", detail=said)
    plugged("web-1")
    sync()
    actions.associate(as_bob, address.pk, port=Port.objects.for_tenant(lab).exclude(instance_id="").get())
    work()
    assert failure_of(address) == "no-way-out"


def test_released_it_is_gone_and_its_quota_free(address, as_bob, work, outside, lab):
    actions.release(as_bob, address.pk)
    work()
    assert not outside.floating_ips()
    assert (FloatingIp.objects.count(), used(lab, "floating_ips"), drift(lab)) == (0, 0, {})


def test_one_that_a_launch_is_waiting_for_cannot_be_released(as_bob, cloud, public, launch):
    from dashboard.networks import floating

    row = floating.plan(as_bob, cloud=cloud, network=public)
    launch("web-1", asked={"floating_ip": str(row.pk)})
    with pytest.raises(NotPossible, match="Launch is under way"):
        actions.release(as_bob, row.pk)


def test_a_reader_changes_nothing(lab, cloud, rita, public):
    from django.core.exceptions import PermissionDenied

    from tests.conftest import actor_of

    with pytest.raises(PermissionDenied):
        actions.allocate(actor_of(rita, lab), cloud=cloud, external=public, key="x")
    assert not FloatingIp.objects.exists()
