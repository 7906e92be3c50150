"""Deleting: an instance is turned off, hidden and held for a while; or gone at once, with nothing to restore."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Status
from dashboard.instances import actions, inventory
from dashboard.instances.models import Instance
from dashboard.instances.refusals import NotPossible
from dashboard.networks.models import FloatingIp, Port
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from tests.conftest import actor_of

from .conftest import again, machines, used

HTMX = {"HX-Request": "true"}


def test_a_deleted_instance_is_turned_off_hidden_and_held(deleted, cloud, lab, browser):
    assert machines(cloud) == [(deleted.remote_id, Status.SHUTOFF)]
    assert (used(lab), deleted.deleted_at, deleted.is_restorable) == (1, None, True)
    assert timedelta(seconds=590) < deleted.delete_at - timezone.now() <= timedelta(seconds=600)
    assert f'id="i-{deleted.pk}"' not in browser.get("/t/lab/instances/").content.decode()


def test_it_is_hidden_the_moment_it_is_deleted_and_not_when_the_guest_has_stopped(active, as_bob):
    actions.change(as_bob, active.pk, "delete")
    assert (Instance.objects.listed().count(), Instance.objects.restorable().count()) == (0, 1)


def test_without_a_window_a_delete_is_a_delete(active, as_bob, work, settings, cloud):
    settings.UNDO_DELETE_S = 0
    actions.change(as_bob, active.pk, "delete")
    work()
    assert (again(active).status, machines(cloud)) == (Status.DELETED, [])


def test_many_that_are_deleted_together_can_each_be_restored(launch, work, as_bob):
    from dashboard.instances import bulk

    instances = [launch(name) for name in ("one", "two")]
    work()
    judged = bulk.Judged(as_bob, bulk.DEEDS["delete"], bulk.selected(Instance.objects.all()))
    assert "Each of them can be restored for 10 min" in str(judged.deed.consequence)
    bulk.ask(as_bob, judged, key="k")
    work()
    actions.change(as_bob, instances[0].pk, "restore")
    work()
    assert [again(one).is_restorable for one in instances] == [False, True]


# --- what is not undone -----------------------------------------------------------


def test_what_was_never_built_is_gone_at_once(launch, work, as_bob, fake_path):
    Faults(str(fake_path)).fail("Refused", reason="capacity", call="create")
    instance = launch()
    work()
    actions.change(as_bob, instance.pk, "delete")
    work()
    assert again(instance).status == Status.DELETED


def test_what_the_cloud_could_not_build_is_gone_at_once(launch, work, as_bob, fake_path):
    Faults(str(fake_path)).end_in_error("no host")
    instance = launch()
    work()
    assert again(instance).remote_id
    actions.change(as_bob, instance.pk, "delete")
    work()
    assert again(instance).status == Status.DELETED


def test_a_deleted_one_is_not_told_to_be_deleted(launch, work, as_bob, fake_path, browser):
    Faults(str(fake_path)).end_in_error("no host")
    instance = launch()
    work()
    page = f"/t/lab/instances/{instance.pk}/"
    banner = "<p><b>The cloud could not build the instance."
    assert banner in browser.get(page).content.decode().partition('class="timeline"')[0]
    actions.change(as_bob, instance.pk, "delete-now")
    work()
    head, _, timeline = browser.get(page).content.decode().partition('class="timeline"')
    assert ("This instance was deleted at" in head, banner in head, banner in timeline) == (True, False, True)


def test_one_that_was_removed_outside_still_says_so(active, cloud, browser):
    cloud.driver().compute.delete(active.remote_id)
    for _ in range(3):
        inventory.sync_cloud(cloud.pk)
    assert "It was removed outside Skydeck." in browser.get(f"/t/lab/instances/{active.pk}/").content.decode()


def test_a_launch_that_is_given_up_is_gone_at_once(launch, work, as_bob, cloud):
    instance = launch()
    actions.change(as_bob, instance.pk, "delete")
    work()
    assert (again(instance).status, machines(cloud)) == (Status.DELETED, [])


@pytest.mark.parametrize("status", ["ERROR", "PAUSED", "SUSPENDED", "SHELVED", "SHUTOFF"])
def test_what_does_not_run_is_hidden_as_it_is_without_a_word_to_the_cloud(active, as_bob, work, status):
    Instance.objects.filter(pk=active.pk).update(status=status)
    actions.change(as_bob, active.pk, "delete")
    assert [step.name for step in Operation.objects.get(kind="instance.delete").steps.all()] == ["let-go"]
    actions.change(as_bob, active.pk, "restore")
    assert (again(active).status, active.delete_at) == (status, None)


def test_a_cloud_that_refuses_to_turn_it_off_is_no_reason_to_keep_it(active, as_bob, work, fake_path, cloud):
    Faults(str(fake_path)).fail("Refused", reason="policy", call="stop")
    actions.change(as_bob, active.pk, "delete")
    work()
    assert (again(active).status, active.is_restorable) == (Status.ACTIVE, True)
    assert Operation.objects.get(kind="instance.delete").state == "done"


# --- a cloud with a will of its own --------------------------------------------------


def test_removed_by_others_meanwhile_it_is_closed_and_its_quota_free(deleted, cloud, lab, fake_path):
    outside.remove(str(fake_path), deleted.remote_id)
    for _ in range(2):
        inventory.sync_cloud(cloud.pk)
    assert (again(deleted).status, used(lab)) == (Status.DELETED, 0)


def test_removed_by_others_while_it_is_turned_off_the_delete_is_done(active, as_bob, work, lab, fake_path):
    actions.change(as_bob, active.pk, "delete")
    outside.remove(str(fake_path), active.remote_id)
    work()
    assert (again(active).status, used(lab), Operation.objects.get(kind="instance.delete").state) == (
        Status.DELETED, 0, "done",
    )  # fmt: skip


def test_a_sync_neither_loses_nor_adopts_nor_reaps_what_is_hidden(deleted, cloud, lab):
    for _ in range(3):
        inventory.sync_cloud(cloud.pk)
    assert Instance.objects.count() == 1
    assert (again(deleted).is_restorable, machines(cloud)) == (True, [(deleted.remote_id, Status.SHUTOFF)])


# --- what is told -------------------------------------------------------------------


def test_every_other_verb_is_refused_with_who_deleted_it(deleted, as_alice):
    for verb in ("start", "rename", "delete"):
        with pytest.raises(NotPossible, match=r"It is deleted\. Restore it first\. bob asked for “Delete” . s ago\."):
            actions.change(as_alice, deleted.pk, verb)


def test_the_notice_of_a_delete_leads_to_restore(active, browser):
    answer = browser.post(f"/t/lab/instances/{active.pk}/delete/", headers=HTMX)
    assert "web-1 is deleted in 10 min; restore it until then." in answer["HX-Trigger"]
    assert f"/t/lab/instances/{active.pk}/restore/" in answer["HX-Trigger"]


def test_without_javascript_the_notice_is_a_link(active, browser):
    answer = browser.post(f"/t/lab/instances/{active.pk}/delete/")
    page = browser.get(answer["Location"]).content.decode()
    assert f'<a href="/t/lab/instances/{active.pk}/restore/">Restore</a>' in page
    assert "One instance can still be restored." in page


def test_delete_names_the_floating_ip_that_stays(active, browser, lab):
    Port.objects.create(tenant=lab, cloud=active.cloud, remote_id="p", instance_id=active.remote_id)
    FloatingIp.objects.create(tenant=lab, cloud=active.cloud, remote_id="f", address="203.0.113.7", port_id="p")
    page = browser.get(f"/t/lab/instances/{active.pk}/delete/").content.decode()
    assert "Its floating IP 203.0.113.7 stays yours." in page


# --- what it holds ------------------------------------------------------------------


def test_a_place_cannot_be_taken_away_while_something_in_it_can_be_restored(deleted, root, lab, cloud):
    from dashboard.clouds.models import CloudAccount
    from dashboard.places import actions as places
    from dashboard.places.refusals import sentence

    account = CloudAccount.objects.select_related("cloud").get(tenant=lab)
    with pytest.raises(places.NotPossible) as refused:
        places.unlink(actor_of(root, lab), account)
    assert "deleted can still be restored: 1." in sentence(refused.value, cloud=cloud)


def test_a_launch_beyond_the_quota_says_what_the_deleted_ones_hold(deleted, browser, lab, cloud, image, small):
    Quota.objects.filter(tenant=lab, resource="instances").update(limit=1)
    form = {"name": "next", "cloud": cloud.pk, "image": image.pk, "flavor": small.pk, "key": "0" * 32}
    answer = browser.post("/t/lab/instances/launch/", form)
    page = answer.content.decode()
    assert (answer.status_code, "One instance that was deleted can still be restored and holds its quota" in page) == (
        422,
        True,
    )
