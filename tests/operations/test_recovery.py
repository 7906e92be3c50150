"""What failed is resumed or rolled back, what hangs waits on or is cancelled: exactly, whoever presses at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.clouds.interface import NetworkSpec
from dashboard.images.models import Image
from dashboard.instances import actions as verbs
from dashboard.instances.models import Instance
from dashboard.networks import actions as networking
from dashboard.networks.models import FloatingIp, Network, Router
from dashboard.operations import actions, choices, flow, run
from dashboard.operations.models import Operation, State, Step
from dashboard.operations.recovery import NotPossible
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from dashboard.tenancy.models import Role
from tests.instances.conftest import look, used


def newest():
    return Operation.objects.order_by("-created_at").first()


def steps_of(operation):
    return list(operation.steps.values_list("name", "state"))


def why(operation, name, role=Role.MEMBER):
    return choices.why_not(operation, name, role=role)


def verbs_in_audit(operation):
    return list(Entry.objects.filter(operation_id=str(operation.pk)).order_by("number").values_list("outcome", "actor"))


# --- a launch on a plain cloud ------------------------------------------------------


@pytest.fixture
def refused(launch, work, faults):
    """A launch that the cloud refused: nothing of it is left, and its quota was given back."""
    faults.fail("Refused", reason="capacity", call="create", times=1)
    launch()
    work()
    return newest()


@pytest.fixture
def broken(launch, work, faults):
    """A launch that the cloud built into ERROR."""
    faults.end_in_error("No valid host was found.")
    launch()
    work()
    return newest()


def test_a_refused_launch_is_resumed_with_the_same_row_and_the_quota_taken_again(refused, as_bob, work, lab, cloud):
    assert (refused.state, used(lab)) == ("failed", 0)
    actions.resume(as_bob, refused.pk)
    assert used(lab) == 1
    work()
    refused.refresh_from_db()
    instance = Instance.objects.get()
    assert (refused.state, instance.status, instance.failure) == ("done", "ACTIVE", "")
    assert [name for name, _ in steps_of(refused)] == ["create", "built"]
    assert (used(lab), drift(lab), len(list(cloud.driver().compute.list()))) == (1, {}, 1)


def test_what_the_cloud_built_into_error_is_removed_and_asked_for_again(broken, as_bob, work, lab, cloud):
    assert Instance.objects.get().status == "ERROR"
    actions.resume(as_bob, broken.pk)
    work()
    (remote,) = cloud.driver().compute.list()
    assert (Instance.objects.get().status, remote.status, used(lab), drift(lab)) == ("ACTIVE", "ACTIVE", 1, {})


def test_it_is_resumed_only_where_the_quota_still_allows_it(refused, as_bob, lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=0)
    with pytest.raises(NotPossible, match="Not enough quota: vCPUs, 1 needed and 0 left") as hindered:
        actions.resume(as_bob, refused.pk)
    assert hindered.value.is_quota
    refused.refresh_from_db()
    assert (refused.state, used(lab), drift(lab)) == ("failed", 0, {})


def test_of_two_who_resume_one_wins_and_the_other_is_told_who_was_faster(refused, as_bob, as_alice):
    actions.resume(as_alice, refused.pk)
    with pytest.raises(NotPossible, match="alice resumed it"):
        actions.resume(as_bob, refused.pk)
    assert verbs_in_audit(refused)[-1] == ("resumed", "alice")
    assert len(Operation.objects.get(pk=refused.pk).notes) == 1


def test_of_resuming_and_rolling_back_at_once_one_wins(broken, as_bob, as_alice):
    actions.roll_back(as_alice, broken.pk)
    with pytest.raises(NotPossible, match="alice rolled it back"):
        actions.resume(as_bob, broken.pk)


def test_why_it_had_failed_stays_to_be_read(refused, as_bob):
    actions.resume(as_bob, refused.pk)
    (note,) = Operation.objects.get(pk=refused.pk).told
    assert (note.who, note.what, str(note.step)) == ("bob", "resumed", "Ask the cloud to build it")
    assert "enough room" in str(note.failure.cause)


def test_rolling_back_leaves_nothing_and_is_an_operation_of_its_own(broken, as_bob, work, lab, cloud):
    rolling = actions.roll_back(as_bob, broken.pk)
    work()
    rolling.refresh_from_db()
    assert (rolling.kind, rolling.state, rolling.rolls_back_id) == ("instance.roll-back", "done", broken.pk)
    assert steps_of(rolling) == [("let-go", "done"), ("delete", "done"), ("gone", "done")]
    assert (Instance.objects.get().status, used(lab), drift(lab)) == ("DELETED", 0, {})
    assert list(cloud.driver().compute.list()) == []
    assert verbs_in_audit(rolling) == [("accepted", "bob"), ("done", "system")]


def test_a_reader_may_not_and_is_told_why(broken, as_rita):
    with pytest.raises(PermissionDenied):
        actions.resume(as_rita, broken.pk)
    assert "needs the role Member" in why(broken, "resume", Role.READER)
    assert why(broken, "resume") == ""


def test_another_tenants_is_not_found(broken, charlie, other):
    from tests.conftest import actor_of

    with pytest.raises(Operation.DoesNotExist):
        actions.roll_back(actor_of(charlie, other), broken.pk)


def test_what_was_done_since_stands_in_the_way(broken, as_bob):
    verbs.change(as_bob, broken.target_id, "delete")
    assert why(broken, "resume") == "Something else was done with it since: Delete."


def test_what_is_done_offers_nothing(launch, work):
    launch()
    work()
    assert choices.choices(newest(), role=Role.MEMBER) == []
    assert "Only what failed" in why(newest(), "resume")


def test_a_stop_that_failed_has_nothing_to_take_back_and_is_asked_again(launch, work, as_bob, faults):
    instance = launch()
    work()
    faults.fail("Refused", reason="other", call="stop", times=1)
    stop = verbs.change(as_bob, instance.pk, "stop")
    work()
    stop.refresh_from_db()
    assert (stop.state, why(stop, "roll-back")) == ("failed", "There is nothing to take back: it makes nothing new.")
    actions.resume(as_bob, stop.pk)
    work()
    assert Instance.objects.get().status == "SHUTOFF"


# --- a launch with a server group and a floating IP -----------------------------------


@pytest.fixture
def whole(placed, lab, tiny, as_bob, work):
    """Ask for an instance with a new server group and a floating IP; returns the operation when it ended."""
    networks = placed.driver_for(lab.pk).networks
    networks.create_network(NetworkSpec(mark="n", name="own", cidr="10.9.0.0/24", external_network_id="public"))
    look(placed)
    own, public = (Network.objects.for_tenant(lab).get(name=name) for name in ("own", "public"))

    def ask():
        asked = {"networks": [{"id": own.remote_id}], "new_group": {"name": "web", "policy": "soft-affinity"}}
        image = Image.objects.get(name="Demo Linux")
        known = {"cloud": placed, "image": image, "flavor": tiny, "name": "web-1", "key": "k"}
        verbs.launch(as_bob, asked=asked, floating_network=public, **known)
        work()
        return newest()

    return ask


@pytest.fixture
def seen(placed, lab):
    """What there is on the cloud: instances, floating IPs and server groups."""

    def count():
        driver = placed.driver_for(lab.pk)
        return len(list(driver.compute.list())), len(driver.networks.floating_ips()), len(driver.placing.groups())

    return count


def held(lab):
    return used(lab), used(lab, "floating_ips"), drift(lab)


def test_an_address_that_did_not_come_is_asked_for_again(whole, seen, faults, as_bob, work, lab):
    faults.fail("Refused", reason="policy", call="allocate", times=1)
    failed = whole()
    assert (seen(), held(lab)) == ((1, 0, 1), (1, 0, {}))
    actions.resume(as_bob, failed.pk)
    assert held(lab) == (1, 1, {})
    work()
    failed.refresh_from_db()
    assert (failed.state, seen(), held(lab)) == ("done", (1, 1, 1), (1, 1, {}))


@pytest.mark.parametrize("call", ["allocate", "associate", "create", "create_group"])
def test_wherever_it_failed_rolling_back_leaves_nothing(whole, seen, faults, as_bob, work, lab, call):
    faults.fail("Refused", reason="policy", call=call, times=1)
    actions.roll_back(as_bob, whole().pk)
    work()
    assert (newest().state, seen(), held(lab)) == ("done", (0, 0, 0), (0, 0, {}))
    assert FloatingIp.objects.count() == 0


@pytest.mark.parametrize("call", ["allocate", "associate", "create", "create_group"])
def test_wherever_it_failed_resuming_makes_one_of_each(whole, seen, faults, as_bob, work, lab, call):
    faults.fail("Refused", reason="policy", call=call, times=1)
    actions.resume(as_bob, whole().pk)
    work()
    assert (newest().state, seen(), held(lab)) == ("done", (1, 1, 1), (1, 1, {}))


def test_a_group_that_was_there_before_stays(whole, seen, faults, as_bob, work, placed, lab):
    placed.driver_for(lab.pk).placing.create_group(name="web", policy="soft-affinity")
    faults.fail("Refused", reason="policy", call="allocate", times=1)
    actions.roll_back(as_bob, whole().pk)
    work()
    assert seen() == (0, 0, 1)


def test_a_group_in_which_another_instance_is_by_now_stays(whole, seen, faults, as_bob, work, lab):
    faults.fail("Refused", reason="policy", call="allocate", times=1)
    failed = whole()
    group = Instance.objects.get().asked["server_group"]
    Instance.objects.create(
        tenant=lab, cloud=failed.cloud, name="beside", vcpus=1, ram_mib=1, disk_gib=1, asked={"server_group": group}
    )
    actions.roll_back(as_bob, failed.pk)
    work()
    assert seen()[2] == 1


def test_a_clean_up_that_was_refused_keeps_its_quota_until_it_is_rolled_back(launch, work, faults, as_bob, lab):
    """Something may be left on the cloud: only when it says no is the quota free."""
    faults.lose_answer(call="create", times=1)
    faults.fail("Refused", reason="policy", call="delete", times=1)
    launch()
    run.advance(newest().pk)  # made, and the answer lost
    Operation.objects.update(deadline_at=timezone.now())
    faults.fail("Unavailable", call="find", times=1)
    work()
    assert (newest().state, newest().steps.get(name="clean-up").state, used(lab)) == ("failed", "failed", 1)
    actions.roll_back(as_bob, newest().pk)
    work()
    assert (used(lab), drift(lab)) == (0, {})


# --- networks ---------------------------------------------------------------------------


def test_a_network_that_was_refused_is_resumed_with_its_router_and_their_quota(placed, lab, as_bob, faults, work):
    look(placed)
    public = Network.objects.for_tenant(lab).get(name="public")
    faults.fail("Refused", reason="policy", call="create_network", times=1)
    subnet = {"cidr": "10.8.0.0/24"}
    networking.create_network(as_bob, cloud=placed, name="mine", subnet=subnet, external=public, key="k")
    work()
    assert (used(lab, "networks"), used(lab, "routers")) == (0, 0)
    actions.resume(as_bob, newest().pk)
    assert (used(lab, "networks"), used(lab, "routers")) == (1, 1)
    work()
    assert (newest().state, Network.objects.get(name="mine").failure, drift(lab)) == ("done", "", {})
    assert Router.objects.for_tenant(lab).exclude(remote_id="").count() == 1


# --- stuck --------------------------------------------------------------------------------


@pytest.fixture
def building(launch, faults):
    """A launch at which the cloud works without end."""
    faults.never_finish()
    launch()
    run.advance(newest().pk)
    return newest()


def make_slow(operation):
    Operation.objects.filter(pk=operation.pk).update(slow_at=timezone.now() - timedelta(minutes=2))
    operation.refresh_from_db()
    return operation


def test_it_is_stuck_from_when_it_takes_longer_than_usual(building):
    assert building.stuck is None
    assert timedelta(minutes=4) < building.slow_at - timezone.now() < timedelta(minutes=5)
    stuck = make_slow(building).stuck
    assert (stuck.since, "longer than usual" in str(stuck.what.cause)) == (building.slow_at, True)
    assert list(Operation.objects.stuck()) == [building]


def test_three_times_the_usual_is_longer_than_usual(launch, work):
    for number in range(3):
        launch(f"web-{number}")
        work()
    Step.objects.filter(name="built").update(finished_at=timezone.now() + timedelta(minutes=10))
    launch("next")
    work()
    step = newest().steps.get(name="built")
    assert 595 < step.usual_s < 605


def test_a_cloud_that_is_away_is_what_it_waits_for_and_since_when(launch, cloud):
    cloud.health = "away"
    cloud.save()
    launch()
    run.advance(newest().pk)
    assert newest().stuck is None
    Operation.objects.update(waiting_since=timezone.now() - timedelta(minutes=3))
    assert "does not answer" in str(newest().stuck.what.cause)


def test_what_no_worker_takes_is_stuck(launch):
    launch()
    assert "No worker has taken it yet" in str(make_slow(newest()).stuck.what.cause)


def test_waiting_on_moves_the_deadline_once_for_two_who_press(building, as_bob, as_alice):
    seen = make_slow(building).deadline_at
    Operation.objects.update(deadline_at=timezone.now())
    building.refresh_from_db()
    actions.wait_on(as_alice, building.pk, deadline=building.deadline_at)
    with pytest.raises(NotPossible, match="alice let it wait on"):
        actions.wait_on(as_bob, building.pk, deadline=building.deadline_at)
    assert newest().deadline_at >= seen
    assert verbs_in_audit(building)[-1] == ("waited-on", "alice")


def test_a_launch_that_the_cloud_was_not_asked_for_is_cancelled_at_once(launch, cloud, as_bob, lab):
    cloud.health = "away"
    cloud.save()
    launch()
    run.advance(newest().pk)
    cancelled = actions.cancel(as_bob, newest().pk)
    assert (newest(), newest().state) == (cancelled, "cancelled")
    assert (Instance.objects.get().status, used(lab), drift(lab)) == ("DELETED", 0, {})
    assert verbs_in_audit(cancelled)[-1] == ("cancelled", "bob")


def test_a_launch_that_the_cloud_was_asked_for_is_rolled_back(building, as_bob, work, lab, cloud):
    rolling = actions.cancel(as_bob, building.pk)
    work()
    building.refresh_from_db()
    assert (building.state, rolling.kind) == ("cancelled", "instance.roll-back")
    assert (list(cloud.driver().compute.list()), used(lab), drift(lab)) == ([], 0, {})


def test_a_worker_that_was_about_to_ask_finds_its_fence_too_old(launch, as_bob, cloud, lab):
    launch()
    held = flow.claim(newest().pk, owner="slow")
    actions.cancel(as_bob, held.pk)
    with pytest.raises(flow.LeaseLost):
        run.take_steps(held)
    assert (list(cloud.driver().compute.list()), used(lab)) == ([], 0)


def test_a_stop_that_the_cloud_took_cannot_be_unasked(launch, work, as_bob, faults):
    instance = launch()
    work()
    faults.never_finish(call="stop")
    stop = verbs.change(as_bob, instance.pk, "stop")
    run.advance(stop.pk)
    with pytest.raises(NotPossible, match="cannot be unasked"):
        actions.cancel(as_bob, stop.pk)
    assert Operation.objects.get(pk=stop.pk).state == State.WAITING


def test_a_stop_that_no_worker_took_is_cancelled_and_the_instance_runs_on(launch, work, as_bob):
    instance = launch()
    work()
    stop = verbs.change(as_bob, instance.pk, "stop")
    actions.cancel(as_bob, stop.pk)
    work()
    assert (Instance.objects.get().status, Operation.objects.get(pk=stop.pk).state) == ("ACTIVE", "cancelled")
