"""A worker killed with -9 at each step of a launch, the broker emptied, messages tripled:
one instance, the quota exact, and the user sees the end."""

import pytest
from django.utils import timezone

from dashboard.audit.verify import first_broken
from dashboard.clouds.interface import NetworkSpec
from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.models import Instance
from dashboard.networks.models import Network
from dashboard.operations import actions as mending
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from tests import stack as stacks
from tests.instances.conftest import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PLACES = [
    "instance.launch.create.before",
    "instance.launch.create.done",
    "instance.launch.create.after",
    "instance.launch.built.before",
    "instance.launch.built.after",
]
DELETE_PLACES = [
    "instance.delete-now.let-go.after",
    "instance.delete-now.delete.before",
    "instance.delete-now.delete.after",
]


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
        actions.change(as_bob, instance.pk, "delete-now")
        stacks.wait_until(lambda place=place: place in stack.fired(), seconds=30, what=f"{place} is reached")
        stacks.wait_until(ended, seconds=45, what=f"the delete that was killed at {place} ends")
    assert (machines(forgetful), used(lab), drift(lab)) == ([], 0, {})


def test_killed_while_hiding_restoring_and_removing_it_is_restored_once_and_gone_once(
    stack, launch, forgetful, lab, as_bob
):
    """With the real clock, too: nobody but the scheduler rings for what is due."""
    instance = launch(cloud=forgetful)
    stacks.wait_until(ended, seconds=45, what="it is built")
    for place, verb in (
        ("instance.delete.turn-off.after", "delete"),
        ("instance.restore.turn-on.before", "restore"),
        ("instance.delete.stopped.before", "delete"),
    ):
        stack.order(place)
        actions.change(as_bob, instance.pk, verb)
        stacks.wait_until(lambda place=place: place in stack.fired(), seconds=30, what=f"{place} is reached")
        stacks.wait_until(ended, seconds=45, what=f"the {verb} that was killed at {place} ends")
    assert (machines(forgetful), used(lab)) == ([str(instance.pk)], 1)
    stack.order("instance.delete-now.delete.after")
    Instance.objects.filter(pk=instance.pk).update(delete_at=timezone.now())
    gone = Instance.objects.exclude(deleted_at=None)
    stacks.wait_until(gone.exists, seconds=60, what="the clock has it removed")
    stacks.wait_until(ended, seconds=45, what="its removal ends")
    assert (machines(forgetful), used(lab), drift(lab)) == ([], 0, {})
    assert Operation.objects.filter(kind="instance.delete-now").count() == 1
    assert first_broken(str(lab.pk)) is None


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


# --- resuming and rolling back ----------------------------------------------------------

ROLL_BACK_PLACES = [
    "instance.roll-back.let-go.after",
    "instance.roll-back.release-planned.before",
    "instance.roll-back.release-planned.after",
    "instance.roll-back.delete.before",
    "instance.roll-back.delete.after",
    "instance.roll-back.gone.after",
    "instance.roll-back.remove-group.before",
    "instance.roll-back.remove-group.done",
    "instance.roll-back.remove-group.after",
]
RESUME_PLACES = ["floating-ip.allocate.done", "instance.launch.floating-ip.before", "instance.launch.floating-ip.after"]


@pytest.fixture
def lost_address(placed, lab, tiny, as_bob, faults):
    """A launch with a new server group whose address the cloud refuses: it failed, and the instance is there."""
    driver = placed.driver_for(lab.pk)
    own = driver.networks.create_network(
        NetworkSpec(mark="n", name="own", cidr="10.9.0.0/24", external_network_id="public")
    )
    look(placed)
    image = Image.objects.get(name="Demo Linux")
    public = Network.objects.for_tenant(lab).get(name="public")

    def ask(name):
        faults.fail("Refused", reason="policy", call="associate", times=1)
        asked = {"networks": [{"id": own.id}], "new_group": {"name": name, "policy": "soft-affinity"}}
        known = {"cloud": placed, "image": image, "flavor": tiny, "name": name, "key": name}
        instance = actions.launch(as_bob, asked=asked, floating_network=public, **known)
        stacks.wait_until(ended, seconds=60, what="the launch fails")
        failed = Operation.objects.get(target_id=instance.pk)
        assert failed.state == "failed"
        return failed

    return ask


def seen(placed, lab):
    """What there is: instances, floating IPs and server groups."""
    driver = placed.driver_for(lab.pk)
    return len(list(driver.compute.list())), len(driver.networks.floating_ips()), len(driver.placing.groups())


def die_at(stack, place):
    stacks.wait_until(lambda: place in stack.fired(), seconds=60, what=f"{place} is reached")
    stacks.wait_until(ended, seconds=90, what=f"what was killed at {place} ends")


def test_killed_at_every_step_of_rolling_back_nothing_is_left(placed, lost_address, as_bob, lab, tmp_path):
    with stacks.running(tmp_path) as stack:
        for place in ROLL_BACK_PLACES:
            failed = lost_address(place)
            stack.order(place)
            mending.roll_back(as_bob, failed.pk)
            die_at(stack, place)
            assert Operation.objects.get(rolls_back=failed).state == "done", place
            assert seen(placed, lab) == (0, 0, 0), place
            assert (used(lab), drift(lab)) == (0, {}), place
    assert first_broken(str(lab.pk)) is None


def test_killed_while_it_is_resumed_there_is_one_of_each(placed, lost_address, as_bob, lab, tmp_path):
    with stacks.running(tmp_path) as stack:
        for number, place in enumerate(RESUME_PLACES, start=1):
            failed = lost_address(place)
            stack.order(place)
            mending.resume(as_bob, failed.pk)
            die_at(stack, place)
            failed.refresh_from_db()
            assert (failed.state, seen(placed, lab)) == ("done", (number, number, number)), place
            assert (used(lab), drift(lab)) == (number, {}), place


def test_killed_while_it_is_cancelled_nothing_is_left(forgetful, launch, as_bob, lab, faults, tmp_path):
    """The worker sits in its call to the cloud while somebody cancels: what it made is found and removed."""
    with stacks.running(tmp_path) as stack:
        for place in ("instance.launch.create.done", "instance.roll-back.delete.after"):
            faults.slow_answer(3.0, call="create", times=1)
            stack.order(place)
            instance = launch(cloud=forgetful)
            operation = Operation.objects.get(target_id=instance.pk)
            stacks.wait_until(lambda: machines(forgetful), seconds=240, what="it is made, and not yet answered")
            mending.cancel(as_bob, operation.pk)
            die_at(stack, place)
            assert (machines(forgetful), used(lab), drift(lab)) == ([], 0, {}), place
