"""A real worker, killed with -9 at five steps of a launch and at each of a deletion: one instance for each token."""

from __future__ import annotations

import pytest

from dashboard.instances import actions
from dashboard.instances.models import Instance
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import drift
from tests import stack as stacks

from .conftest import on, used

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LAUNCH = [f"instance.launch.{at}" for at in ("create.before", "create.done", "create.after", "built.before")]
LAUNCH.append("instance.launch.built.after")
DELETE = [f"instance.delete-now.{at}" for at in ("let-go.after", "delete.before", "delete.after")]


@pytest.fixture
def stack(account, tmp_path):
    with stacks.running(tmp_path) as stack:
        yield stack


def ended():
    return not Operation.objects.open().exists()


def die_at(stack, place):
    stacks.wait_until(lambda: place in stack.fired(), seconds=60, what=f"{place} is reached")
    stacks.wait_until(ended, seconds=90, what=f"what was killed at {place} ends")


def running_in(remote):
    return {one.id for one in remote.instances.values() if one.state == "running"}


@on(release="4.4", mode="edge")
def test_killed_at_five_steps_there_is_one_instance_for_each_launch(remote, stack, launch, lab):
    """On 4.4, where a launch is two calls. The lost answer is spoiled by the cloud, not by us."""
    launched = []
    for place in LAUNCH:
        stack.order(place)
        launched.append(launch(place))
        die_at(stack, place)
    remote.faults.next("lost", "RunInstances")
    launched.append(launch("lost"))
    stacks.wait_until(ended, seconds=90, what="the launch whose answer was lost ends")
    rows = list(Instance.objects.order_by("created_at"))
    assert [row.name for row in rows] == [*LAUNCH, "lost"]
    assert {row.status for row in rows} == {"ACTIVE"}
    assert running_in(remote) == {row.remote_id for row in rows}
    sent = [one.parameters["ClientToken"] for one in remote.asked("RunInstances")]
    assert set(sent) == {f"skydeck-{one.pk}" for one in launched}
    assert (used(lab), drift(lab)) == (len(launched), {})
    assert stack.starts >= len(LAUNCH)


def test_killed_while_deleting_nothing_is_left(remote, stack, launch, lab, as_bob):
    instances = [launch(place) for place in DELETE]
    stacks.wait_until(ended, seconds=90, what="they are built")
    for place, instance in zip(DELETE, instances, strict=True):
        stack.order(place)
        actions.change(as_bob, instance.pk, "delete-now")
        die_at(stack, place)
    assert (running_in(remote), used(lab), drift(lab)) == (set(), 0, {})
