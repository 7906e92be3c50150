"""Calls that change something and know no token: sent once, whatever comes of them, and never doubled."""

from __future__ import annotations

import uuid
from contextlib import closing

import pytest

from dashboard.clouds.interface import Unavailable
from dashboard.clouds.registry import connect
from dashboard.instances import inventory
from dashboard.networks import actions
from dashboard.networks.models import FloatingIp, Network, SecurityGroup
from dashboard.operations.models import Operation
from tests.eucalyptus.drivers import settings_of

from .conftest import again

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

WRITES = {
    "CreateVolume": ("create_volume", {"AvailabilityZone": "zone-a", "Size": 1}),
    "CreateSnapshot": ("create_snapshot", {"VolumeId": "vol-1"}),
    "AllocateAddress": ("allocate_address", {}),
    "CreateSecurityGroup": ("create_security_group", {"GroupName": "x", "Description": "x"}),
    "TerminateInstances": ("terminate_instances", {"InstanceIds": ["i-1"]}),
}


@pytest.mark.parametrize("fault", ["unavailable", "internal", "lost", "dropped", "cut"])
@pytest.mark.parametrize("action", WRITES)
def test_a_write_is_sent_once(remote, action, fault):
    operation, parameters = WRITES[action]
    remote.faults.next(fault, action)
    with closing(connect("eucalyptus", settings_of(remote))) as driver, pytest.raises(Unavailable):
        driver.ec2.call(operation, **parameters)
    assert len(remote.asked(action)) == 1


def test_a_volume_whose_answer_is_lost_is_one_volume(remote):
    """Skydeck itself makes no volumes but those that instances start from."""
    remote.faults.next("lost", "CreateVolume")
    with closing(connect("eucalyptus", settings_of(remote))) as driver:
        with pytest.raises(Unavailable):
            driver.ec2.call("create_volume", AvailabilityZone="zone-a", Size=1)
        assert len(driver.ec2.rows("describe_volumes", "Volumes")) == 1


@pytest.mark.parametrize(
    "operation", ["create_volume", "create_route_table", "create_network_interface", "allocate_address"]
)
def test_what_botocore_adds_by_itself_never_reaches_the_wire(remote, operation):
    with closing(connect("eucalyptus", settings_of(remote))) as driver:
        vpc_id = driver.ec2.rows("describe_vpcs", "Vpcs")[0]["VpcId"]
        subnet_id = driver.ec2.rows("describe_subnets", "Subnets")[0]["SubnetId"]
        given = {"create_route_table": {"VpcId": vpc_id}, "create_network_interface": {"SubnetId": subnet_id}}
        given["create_volume"] = {"AvailabilityZone": "zone-a", "Size": 1}
        driver.ec2.call(operation, **given.get(operation, {}))
    assert remote.requests[-1].status == 200
    assert "ClientToken" not in remote.requests[-1].parameters


# --- through the product ----------------------------------------------------------------------


@pytest.fixture
def ask(account, as_bob):
    def allocate():
        outside = Network.objects.get(cloud=account.cloud, is_external=True)
        return actions.allocate(as_bob, cloud=account.cloud, external=outside, key=uuid.uuid4().hex)

    return allocate


@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_an_address_whose_answer_is_lost_is_said_to_a_person_and_not_asked_for_again(remote, account, ask, work, fault):
    remote.faults.next(fault, "AllocateAddress")
    row = ask()
    work()
    operation = Operation.objects.get(target_id=row.pk)
    assert (operation.state, operation.error_code) == ("failed", "ec2-outcome-unknown")
    assert (len(remote.asked("AllocateAddress")), len(remote.addresses)) == (1, 1)
    assert inventory.sync_account(account.pk)
    assert set(remote.addresses) <= set(FloatingIp.objects.values_list("address", flat=True))


def test_an_address_that_was_surely_not_given_is_asked_for_again(remote, ask, work):
    remote.faults.next("unavailable", "AllocateAddress")
    row = ask()
    work()
    assert [again(row).address] == list(remote.addresses)


@pytest.mark.parametrize("fault", ["lost", "unavailable"])
def test_an_address_that_could_not_be_marked_goes_back(remote, ask, work, fault):
    remote.faults.next(fault, "CreateTags")
    row = ask()
    work()
    assert [again(row).address] == list(remote.addresses)


@pytest.mark.parametrize("fault", ["lost", "cut", "unavailable"])
def test_a_group_whose_answer_is_lost_is_found_by_its_mark(remote, account, as_bob, work, fault):
    remote.faults.next(fault, "CreateSecurityGroup")
    group = actions.create_group(as_bob, cloud=account.cloud, name="web", description="d", key="k")
    work()
    assert [one.name for one in remote.groups.values()].count("web") == 1
    assert SecurityGroup.objects.get(pk=group.pk).remote_id in remote.groups
