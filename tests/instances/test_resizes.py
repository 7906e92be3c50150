"""A resize with a deadline: confirmed by the clock, told to whoever comes later, and its quota exact all along."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Status, Verb
from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.models import Flavor, Instance
from dashboard.instances.refusals import NotPossible
from dashboard.instances.tasks import keep_deadlines
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import QuotaExceeded, drift, held_by

from .conftest import again, look, used

pytestmark = pytest.mark.slow

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cloud(placed):
    return placed


@pytest.fixture
def small(tiny):
    return tiny


@pytest.fixture
def image(placed):
    return Image.objects.get(name="Demo Linux")


@pytest.fixture
def active(launch, work):
    instance = launch()
    work()
    return again(instance)


def resize(actor, instance, name="m1.small"):
    flavor = Flavor.objects.get(name=name)
    arguments = {"flavor": flavor.remote_id, "flavor_row": str(flavor.pk)}
    return actions.change(actor, instance.pk, "resize", arguments=arguments, size=flavor)


@pytest.fixture
def resized(active, as_bob, work):
    resize(as_bob, active)
    work()
    assert again(active).status == Status.RESIZED
    return active


def over(instance):
    Instance.objects.filter(pk=instance.pk).update(confirm_by=timezone.now() - timedelta(seconds=1))


def test_a_new_size_has_a_deadline_that_both_pages_show(resized, browser):
    assert timedelta(hours=23, minutes=59) < resized.confirm_by - timezone.now() <= timedelta(hours=24)
    assert (
        "It is confirmed by itself in <time data-until"
        in browser.get(f"/t/lab/instances/{resized.pk}/").content.decode()
    )
    assert "Confirmed by itself at" in browser.get("/t/lab/instances/").content.decode()


def test_without_the_setting_it_waits_for_ever(active, as_bob, work, settings):
    settings.RESIZE_CONFIRM_S = 0
    resize(as_bob, active)
    work()
    assert (again(active).status, active.confirm_by) == (Status.RESIZED, None)
    keep_deadlines()
    assert not Operation.objects.open().exists()


def test_at_the_deadline_the_clock_confirms_once_for_whoever_asked(resized, work, bob, lab):
    keep_deadlines()
    assert not Operation.objects.open().exists()
    over(resized)
    keep_deadlines()
    keep_deadlines()
    work()
    confirmation = Operation.objects.get(kind="instance.confirm-resize")
    assert (confirmation.requested_by, confirmation.requested_by_name) == (bob, "system")
    assert (again(resized).status, resized.confirm_by, resized.held_size) == ("ACTIVE", None, None)
    assert (used(lab, "ram_mib"), drift(lab)) == (2048, {})


def test_who_confirms_after_the_deadline_is_told_when_and_by_whom(resized, work, browser):
    over(resized)
    keep_deadlines()
    early = browser.post(f"/t/lab/instances/{resized.pk}/confirm-resize/", headers=HTMX)
    assert (early.status_code, "The system asked for" in early["HX-Trigger"]) == (409, True)
    work()
    late = browser.post(f"/t/lab/instances/{resized.pk}/revert-resize/", headers=HTMX)
    assert late.status_code == 409
    told = "Nobody decided before the deadline. The system asked for \\u201cConfirm the new size\\u201d"
    assert told in late["HX-Trigger"]


def test_where_the_cloud_confirms_by_itself_the_row_follows_and_says_so(resized, cloud, lab, as_bob):
    cloud.driver_for(lab.pk).lifecycle.do(resized.remote_id, Verb.CONFIRM_RESIZE)
    look(cloud)
    assert (again(resized).status, resized.confirm_by, resized.held_size) == ("ACTIVE", None, None)
    with pytest.raises(NotPossible, match=r"The cloud ended the resize by itself\."):
        actions.change(as_bob, resized.pk, "confirm-resize")


def test_a_cloud_that_refuses_to_confirm_is_asked_again_in_an_hour(resized, work, fake_path):
    Faults(str(fake_path)).fail("Refused", reason="policy", call="confirm-resize")
    over(resized)
    keep_deadlines()
    work()
    assert again(resized).confirm_by > timezone.now() + timedelta(minutes=59)


def test_a_deleted_instance_is_not_confirmed_and_can_go_back_when_it_is_restored(resized, as_bob, work):
    actions.change(as_bob, resized.pk, "delete")
    work()
    over(resized)
    keep_deadlines()
    assert not Operation.objects.open().exists()
    actions.change(as_bob, resized.pk, "restore")
    work()
    keep_deadlines()
    assert not Operation.objects.open().exists()
    assert again(resized).confirm_by > timezone.now() + timedelta(minutes=9)


def test_while_the_cloud_is_only_beginning_the_larger_size_is_held_already(active, as_bob, cloud, lab, fake_path):
    Faults(str(fake_path)).never_finish(call="resize")
    operation = resize(as_bob, active)
    run.advance(operation.pk)
    look(cloud)
    assert again(active).task
    assert (used(lab, "ram_mib"), active.resources["ram_mib"]) == (2048, 2048)


def test_in_500_random_steps_the_ledger_is_what_the_rows_take(launch, work, as_bob, cloud, lab):
    """Resizes, confirmed, taken back, deleted, restored and confirmed by the cloud, with looks in between."""
    chance = random.Random(11)
    Quota.objects.filter(tenant=lab).update(limit=None)
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=9000)
    instances = [launch(f"n{number}") for number in range(4)]
    work()
    verbs = ("resize", "resize", "confirm-resize", "revert-resize", "delete", "restore", "stop", "start")
    done = refused = 0
    for _ in range(500):
        instance = chance.choice(instances)
        try:
            match chance.choice((*verbs, "advance", "advance", "advance", "look", "clock", "outside")):
                case "resize":
                    resize(as_bob, instance, chance.choice(("m1.tiny", "m1.small", "m1.medium")))
                case "advance":
                    Operation.objects.open().update(due_at=long_ago())
                    for pk in Operation.objects.open().values_list("pk", flat=True):
                        run.advance(pk)
                case "look":
                    look(cloud)
                case "clock":
                    over(instance)
                    keep_deadlines()
                case "outside":
                    if again(instance).status == Status.RESIZED:
                        cloud.driver_for(lab.pk).lifecycle.do(instance.remote_id, Verb.REVERT_RESIZE)
                case verb:
                    actions.change(as_bob, instance.pk, verb)
            done += 1
        except (NotPossible, QuotaExceeded):
            refused += 1
        for one in map(again, instances):
            held = held_by(lab, holder=one.pk)
            assert {name: held.get(name, 0) for name in one.resources} == one.resources
        assert drift(lab) == {}
    assert min(done, refused) > 100
    work()
    look(cloud)
    assert not Instance.objects.listed().exclude(status=Status.RESIZED).exclude(held_size=None).exists()
