"""Restoring: what was deleted comes back as it was, and the page of what can be restored."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Status
from dashboard.instances import actions, inventory
from dashboard.instances.models import Instance
from dashboard.instances.refusals import NotPossible
from dashboard.instances.tasks import keep_deadlines
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import drift

from .conftest import again, machines, over, used

HTMX = {"HX-Request": "true"}


def test_restored_it_is_what_it_was_and_runs_again(deleted, as_alice, work, cloud, lab, active):
    actions.change(as_alice, deleted.pk, "restore")
    work()
    back = again(deleted)
    assert (back.pk, back.remote_id, back.addresses, back.status) == (
        active.pk, active.remote_id, active.addresses, Status.ACTIVE,
    )  # fmt: skip
    assert (back.delete_at, used(lab), drift(lab)) == (None, 1, {})
    assert machines(cloud) == [(active.remote_id, Status.ACTIVE)]


def test_what_was_turned_off_stays_turned_off(active, as_bob, work):
    actions.change(as_bob, active.pk, "stop")
    work()
    actions.change(as_bob, active.pk, "delete")
    work()
    actions.change(as_bob, active.pk, "restore")
    work()
    assert again(active).status == Status.SHUTOFF
    assert [step.name for step in Operation.objects.get(kind="instance.restore").steps.all()] == ["let-go"]


def test_restored_while_the_guest_is_still_being_turned_off_it_runs_on(active, as_bob, work, fake_path):
    deletion = actions.change(as_bob, active.pk, "delete")
    actions.change(as_bob, active.pk, "restore")
    work()
    deletion.refresh_from_db()
    assert (deletion.state, again(active).status, active.delete_at) == ("cancelled", Status.ACTIVE, None)


def test_started_by_others_meanwhile_it_stays_deleted_and_is_restored_as_it_is(deleted, cloud, as_bob, work):
    cloud.driver().compute.start(deleted.remote_id)
    inventory.sync_cloud(cloud.pk)
    assert (again(deleted).status, deleted.is_restorable) == (Status.ACTIVE, True)
    actions.change(as_bob, deleted.pk, "restore")
    work()
    assert again(deleted).status == Status.ACTIVE


# --- what is told -------------------------------------------------------------------


def test_that_it_is_restored_is_said_at_once_and_stays_in_the_bell_the_timeline_and_the_operation(
    deleted, browser, work
):
    url = f"/t/lab/instances/{deleted.pk}/"
    answer = browser.post(f"{url}restore/", headers=HTMX)
    assert "web-1 is restored." in answer["HX-Trigger"]
    assert f'"url": "{url}"' in answer["HX-Trigger"]
    assert "web-1 is restored." not in browser.get(url).content.decode(), "until it runs again"
    work()
    operation = Operation.objects.get(kind="instance.restore")
    for path in (url, f"/t/lab/operations/{operation.pk}/", "/t/lab/operations/bell/"):
        assert "web-1 is restored." in browser.get(path).content.decode(), path


def test_without_javascript_it_is_said_on_the_next_page(deleted, browser):
    answer = browser.post(f"/t/lab/instances/{deleted.pk}/restore/", {"back": "deleted"})
    page = browser.get(answer["Location"]).content.decode()
    assert f'web-1 is restored. <a href="/t/lab/instances/{deleted.pk}/">Show</a>' in page


def test_one_that_could_not_be_restored_is_not_said_to_be(deleted, as_bob, work, browser, fake_path):
    Faults(str(fake_path)).fail("Refused", reason="policy", call="start")
    actions.change(as_bob, deleted.pk, "restore")
    work()
    assert Operation.objects.get(kind="instance.restore").state == "failed"
    assert "web-1 is restored." not in browser.get("/t/lab/operations/bell/").content.decode()


def test_what_is_not_deleted_cannot_be_restored(active, as_bob, as_alice, deleted, work):
    actions.change(as_alice, deleted.pk, "restore")
    work()
    with pytest.raises(NotPossible, match=r"It is not deleted\. alice asked for “Restore” . s ago\."):
        actions.change(as_bob, deleted.pk, "restore")


def test_after_its_time_restore_says_when_it_was_removed_and_who_asked(deleted, work, browser):
    over(deleted)
    early = browser.post(f"/t/lab/instances/{deleted.pk}/restore/", headers=HTMX)
    assert (early.status_code, "it is being removed" in early["HX-Trigger"]) == (409, True)
    keep_deadlines()
    work()
    answer = browser.post(f"/t/lab/instances/{deleted.pk}/restore/", headers=HTMX)
    assert answer.status_code == 409
    assert f"It was removed at {again(deleted).deleted_at:%Y-%m-%d %H:%M:%S} UTC" in answer["HX-Trigger"]
    assert "bob" in answer["HX-Trigger"]


# --- the page of what can be restored --------------------------------------------------


def test_the_page_of_what_is_deleted_says_who_until_when_and_offers_both_ways(deleted, browser, rita):
    for path in ("/t/lab/instances/deleted/", f"/t/lab/instances/{deleted.pk}/"):
        page = browser.get(path).content.decode()
        assert "data-until" in page
        assert "bob" in page
        assert f'hx-post="/t/lab/instances/{deleted.pk}/restore/"' in page
        assert f"/t/lab/instances/{deleted.pk}/delete-now/" in page
    browser.force_login(rita)
    assert "/restore/" not in browser.get("/t/lab/instances/deleted/").content.decode()


def test_an_empty_page_of_deleted_says_what_it_is_for(browser, cloud):
    assert "Nothing to restore" in browser.get("/t/lab/instances/deleted/").content.decode()


@pytest.mark.parametrize("count", [2, 40])
def test_the_page_of_what_is_deleted_takes_as_many_queries_for_two_as_for_forty(
    browser, lab, cloud, small, count, django_assert_num_queries
):
    until = timezone.now() + timedelta(minutes=5)
    Instance.objects.bulk_create(
        Instance(tenant=lab, cloud=cloud, flavor=small, name=f"n-{i}", remote_id=f"r-{i}", vcpus=1, ram_mib=1,
                 disk_gib=1, delete_at=until, status="SHUTOFF")
        for i in range(count)
    )  # fmt: skip
    with django_assert_num_queries(11):
        browser.get("/t/lab/instances/deleted/")
