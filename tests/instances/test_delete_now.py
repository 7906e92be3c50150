"""The end of what was deleted: by the clock or by a person it is really gone, and its quota free."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Status
from dashboard.instances import actions, undoing
from dashboard.instances.models import Instance
from dashboard.instances.refusals import NotPossible
from dashboard.instances.tasks import keep_deadlines
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.quotas.reservations import drift

from .conftest import again, at_once, machines, over, used

HTMX = {"HX-Request": "true"}


def test_after_its_time_it_is_gone_and_its_quota_free(deleted, work, cloud, lab, bob):
    over(deleted)
    keep_deadlines()
    assert used(lab) == 1
    work()
    assert (again(deleted).status, machines(cloud), used(lab), drift(lab)) == (Status.DELETED, [], 0, {})
    removal = Operation.objects.get(kind="instance.delete-now")
    assert (removal.requested_by, removal.requested_by_name, removal.state) == (bob, "system", "done")
    entry = Entry.objects.get(verb="instance.delete-now", outcome="accepted")
    assert (entry.actor, entry.on_behalf_of) == ("system", "bob")


def test_before_its_time_the_clock_does_nothing(deleted):
    keep_deadlines()
    assert not Operation.objects.open().exists()


def test_a_clock_that_rings_twice_removes_once(deleted, work):
    over(deleted)
    keep_deadlines()
    keep_deadlines()
    work()
    keep_deadlines()
    assert Operation.objects.filter(kind="instance.delete-now").count() == 1


def test_delete_now_does_not_wait(deleted, as_alice, work, lab):
    actions.change(as_alice, deleted.pk, "delete-now")
    work()
    assert (again(deleted).status, used(lab)) == (Status.DELETED, 0)


def test_delete_now_needs_no_delete_before_and_stays_in_sight_until_it_is_gone(active, as_bob, work, lab):
    actions.change(as_bob, active.pk, "delete-now")
    assert Instance.objects.listed().count() == 1
    work()
    assert (again(active).status, used(lab), active.delete_at) == (Status.DELETED, 0, None)


def test_red_is_what_cannot_be_taken_back(browser, active):
    page = browser.get(f"/t/lab/instances/{active.pk}/delete/").content.decode()
    assert ('class="does primary"' in page, 'class="button destroy"' in page) == (True, True)
    assert 'class="does danger"' in browser.get(f"/t/lab/instances/{active.pk}/delete-now/").content.decode()


def test_delete_now_on_a_page_that_still_shows_it_as_deleted_does_not_delete_what_was_restored(
    deleted, as_alice, browser, work
):
    page = browser.get(f"/t/lab/instances/{deleted.pk}/delete-now/").content.decode()
    assert 'name="only_hidden"' in page
    actions.change(as_alice, deleted.pk, "restore")
    for _ in range(2):
        answer = browser.post(f"/t/lab/instances/{deleted.pk}/delete-now/", {"only_hidden": "1"}, headers=HTMX)
        assert (answer.status_code, "alice asked for \\u201cRestore" in answer["HX-Trigger"]) == (409, True)
        work()
    assert again(deleted).status == Status.ACTIVE


# --- a cloud with a will of its own --------------------------------------------------


def test_while_the_cloud_is_away_it_is_hidden_and_its_end_waits(active, as_bob, work, fake_path, cloud, lab):
    faults = Faults(str(fake_path))
    faults.away()
    deletion = actions.change(as_bob, active.pk, "delete")
    run.advance(deletion.pk)
    over(active)
    keep_deadlines()
    removal = Operation.objects.get(kind="instance.delete-now")
    run.advance(removal.pk)
    removal.refresh_from_db()
    assert (removal.waiting_for, used(lab)) == ("cloud-away", 1)
    faults.back()
    work()
    assert (again(active).status, machines(cloud), used(lab)) == (Status.DELETED, [], 0)


def test_a_cloud_that_was_away_past_the_deadline_is_asked_again_by_the_clock(deleted, fake_path, work, lab):
    faults = Faults(str(fake_path))
    over(deleted)
    keep_deadlines()
    faults.away()
    Operation.objects.open().update(deadline_at=timezone.now() - timedelta(seconds=1), due_at=long_ago())
    run.advance(Operation.objects.open().get().pk)
    assert not Operation.objects.open().exists()
    faults.back()
    keep_deadlines()
    work()
    assert (again(deleted).status, used(lab)) == (Status.DELETED, 0)


def test_what_the_cloud_refuses_to_remove_is_in_the_list_again(deleted, fake_path, work, lab):
    over(deleted)
    Faults(str(fake_path)).fail("Refused", reason="policy", call="delete")
    keep_deadlines()
    work()
    assert (again(deleted).delete_at, used(lab), Instance.objects.listed().count()) == (None, 1, 1)
    assert Operation.objects.get(kind="instance.delete-now").state == "failed"


# --- two at once ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("others", ["delete-now", "the clock"])
def test_of_restore_and_the_end_exactly_one_wins_and_the_other_is_told(launch, work, as_bob, as_alice, cloud, others):
    for _ in range(8):
        instance = launch()
        work()
        actions.change(as_bob, instance.pk, "delete")
        work()
        if others == "the clock":  # the time is over in this very moment
            Instance.objects.filter(pk=instance.pk).update(delete_at=timezone.now() + timedelta(milliseconds=20))
        end = undoing.remove if others == "the clock" else partial(actions.change, as_bob, verb="delete-now")
        restored, _ended = at_once(partial(actions.change, as_alice, instance.pk, "restore"), partial(end, instance.pk))
        begun = set(Operation.objects.open().filter(target_id=instance.pk).values_list("kind", flat=True))
        assert begun <= {"instance.restore"} if restored is None else not begun & {"instance.restore"}
        assert restored is None or isinstance(restored, NotPossible)
        assert restored is None or str(restored)
        work()
        keep_deadlines()
        work()
        assert (again(instance).status == Status.ACTIVE) == (restored is None)
