"""A worker killed with -9 at each step of a launch, the broker emptied, messages tripled:
one instance, the quota exact, and the user sees the end."""

import pytest

from dashboard.audit.record import first_broken
from dashboard.instances import actions
from dashboard.instances.models import Instance
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from tests import stack as stacks

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PLACES = [
    "instance.launch.create.before",
    "instance.launch.create.done",
    "instance.launch.create.after",
    "instance.launch.built.before",
    "instance.launch.built.after",
]
DELETE_PLACES = ["instance.delete.let-go.after", "instance.delete.delete.before", "instance.delete.delete.after"]


@pytest.fixture
def forgetful(cloud):
    """A cloud that makes two when it is asked twice: only looking first keeps it at one."""
    cloud.settings = {**cloud.settings, "forgetful": "yes"}
    cloud.save()
    return cloud


@pytest.fixture
def stack(forgetful, tmp_path):
    with stacks.running(tmp_path) as stack:
        yield stack


def ended():
    return not Operation.objects.open().exists()


def machines(cloud):
    return sorted(remote.mark.instance_id for remote in cloud.driver().compute.list())


def used(tenant):
    return Quota.objects.get(tenant=tenant, resource="instances").used


def test_killed_at_every_step_there_is_one_machine_for_each_launch(stack, launch, forgetful, lab):
    launched = []
    for place in PLACES:
        stack.order(place)
        launched.append(launch(place, cloud=forgetful))
        stacks.wait_until(lambda place=place: place in stack.fired(), seconds=30, what=f"{place} is reached")
        stacks.wait_until(ended, seconds=45, what=f"the launch that was killed at {place} ends")
    assert set(Instance.objects.values_list("status", flat=True)) == {"ACTIVE"}
    assert machines(forgetful) == sorted(str(instance.pk) for instance in launched)
    assert (used(lab), drift(lab)) == (len(PLACES), {})
    assert stack.starts >= len(PLACES)
    assert first_broken(str(lab.pk)) is None


def test_killed_while_deleting_the_quota_is_given_back_once(stack, launch, forgetful, lab, as_bob):
    instances = [launch(place, cloud=forgetful) for place in DELETE_PLACES]
    stacks.wait_until(ended, seconds=45, what="they are built")
    for place, instance in zip(DELETE_PLACES, instances, strict=True):
        stack.order(place)
        actions.change(as_bob, instance.pk, "delete")
        stacks.wait_until(lambda place=place: place in stack.fired(), seconds=30, what=f"{place} is reached")
        stacks.wait_until(ended, seconds=45, what=f"the delete that was killed at {place} ends")
    assert (machines(forgetful), used(lab), drift(lab)) == ([], 0, {})


def test_an_emptied_broker_loses_nothing(stack, launch, forgetful, lab):
    stack.hold_worker()
    launch(cloud=forgetful)
    stack.empty_broker()
    stack.release_worker()
    stacks.wait_until(ended, seconds=45, what="the launch ends without its message")
    assert (len(machines(forgetful)), used(lab)) == (1, 1)


def test_tripled_messages_double_nothing(stack, launch, forgetful, lab):
    for number in range(5):
        launch(f"web-{number}", cloud=forgetful)
    for pk in Operation.objects.values_list("pk", flat=True):
        for _ in range(3):
            flow.ring(pk)
    stacks.wait_until(ended, seconds=45, what="they are built")
    assert (len(machines(forgetful)), used(lab)) == (5, 5)
