"""A floating IP as a step of something larger: one, whatever happens on the way, and none when it is given up."""

import uuid

import pytest

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Unavailable
from dashboard.networks import floating
from dashboard.networks.choices import choices_of
from dashboard.networks.models import FloatingIp, SecurityGroup
from dashboard.operations import flow
from dashboard.operations.flow import Wait
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import QuotaExceeded, drift


@pytest.fixture
def row(as_bob, cloud, public):
    return floating.plan(as_bob, cloud=cloud, network=public)


@pytest.fixture
def operation(as_bob, cloud):
    """One that a worker has claimed."""
    made = Operation.objects.create(
        tenant=as_bob.tenant, cloud=cloud, kind="instance.launch", target_id=uuid.uuid4(), target_name="web",
        key=uuid.uuid4().hex, deadline_at="2100-01-01T00:00Z",
    )  # fmt: skip
    claimed = flow.claim(made.pk, owner="test")
    assert claimed is not None
    return claimed


def used(lab) -> int:
    return Quota.objects.get(tenant=lab, resource="floating_ips").used


def test_planning_takes_quota_and_shows_a_row_at_once(row, lab):
    assert FloatingIp.objects.for_tenant(lab).get().remote_id == ""
    assert used(lab) == 1


def test_planning_is_refused_without_quota(as_bob, cloud, public, lab):
    Quota.objects.filter(tenant=lab, resource="floating_ips").update(limit=0)
    with pytest.raises(QuotaExceeded):
        floating.plan(as_bob, cloud=cloud, network=public)


def test_an_answer_that_was_lost_leaves_one(row, operation, outside, fake_path, lab, sync):
    Faults(str(fake_path)).lose_answer(call="allocate")
    with pytest.raises(Unavailable):
        floating.allocate_step(operation, row)
    sync()  # sees it before we do
    floating.allocate_step(operation, row)
    assert [remote.mark for remote in outside.floating_ips()] == [str(row.pk)]
    assert (FloatingIp.objects.for_tenant(lab).count(), used(lab), drift(lab)) == (1, 1, {})


def test_it_is_led_to_the_instance(row, operation, outside, plugged):
    instance = plugged("web-1")
    floating.allocate_step(operation, row)
    assert floating.associate_step(operation, row, instance.remote_id) is None
    row.refresh_from_db()
    port = next(port for port in outside.ports() if port.id == row.port_id)
    assert port.instance_id == instance.remote_id
    assert row.fixed_address == port.addresses[0][1]


def test_it_waits_while_the_instance_has_no_port(row, operation):
    floating.allocate_step(operation, row)
    assert isinstance(floating.associate_step(operation, row, "nothing-yet"), Wait)


def test_given_up_nothing_is_left_of_it(row, operation, outside, lab):
    floating.allocate_step(operation, row)
    floating.release_step(operation, row)
    assert not outside.floating_ips()
    assert (FloatingIp.objects.count(), used(lab), drift(lab)) == (0, 0, {})


def test_given_up_before_we_knew_of_it_nothing_is_left_either(row, operation, outside, fake_path, lab):
    Faults(str(fake_path)).lose_answer(call="allocate")
    with pytest.raises(Unavailable):
        floating.allocate_step(operation, row)
    floating.release_step(operation, row)
    floating.release_step(operation, row)
    assert not outside.floating_ips()
    assert used(lab) == 0


def test_what_can_be_chosen_takes_four_queries(cloud, lab, outside, routed, sync, django_assert_num_queries):
    sync()
    with django_assert_num_queries(4):
        choices = choices_of(lab, cloud)
        subnets = [[subnet.cidr for subnet in network.subnets.all()] for network in choices.networks]
    assert [network.name for network in choices.networks] == ["own", "shared"]
    assert subnets[0] == ["10.9.0.0/24"]
    assert choices.security_groups == [SecurityGroup.objects.for_tenant(lab).get()]
    assert [network.name for network in choices.external_networks] == ["public"]
