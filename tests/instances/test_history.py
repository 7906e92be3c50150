"""What the cloud remembers, among what we did: no line twice, nothing asked for by a page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.clouds.drivers.fake import journal, outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.images.models import Image
from dashboard.instances import actions, history
from dashboard.instances.models import CloudAction, Instance
from dashboard.operations.models import Operation

from .conftest import again, look


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


def lines(instance):
    operations = list(Operation.objects.filter(target_id=instance.pk))
    found = history.timeline(instance, operations)
    return [
        ("ours" if entry.operation else "cloud", str(entry.operation.verb if entry.operation else entry.label))
        for entry in found
    ]


def action(instance, name, *, ago_s=0, **fields):
    at = timezone.now() - timedelta(seconds=ago_s)
    return CloudAction.objects.create(
        instance=instance, request_id=f"r-{name}-{ago_s}", name=name, started_at=at, **fields
    )


def test_what_our_operation_had_the_cloud_do_is_one_line(active, as_bob, work):
    actions.change(as_bob, active.pk, "stop")
    work()
    history.fetch(str(active.pk))
    assert {a.name for a in active.cloud_actions.all()} == {"create", "stop"}
    assert lines(active) == [("ours", "stop"), ("ours", "launch")]


@pytest.mark.parametrize("verbs", [("delete", "restore"), ("delete-now",), ("delete", "delete-now")])
def test_what_deleting_and_restoring_had_the_cloud_do_is_theirs(active, as_bob, work, verbs):
    for verb in verbs:
        actions.change(as_bob, active.pk, verb)
        work()
        history.fetch(str(active.pk))
    assert lines(active) == [*(("ours", verb) for verb in reversed(verbs)), ("ours", "launch")]


def test_what_others_did_stands_between_in_order_and_in_words(active, as_bob, work):
    Operation.objects.update(
        created_at=timezone.now() - timedelta(hours=2), finished_at=timezone.now() - timedelta(hours=2)
    )
    for name, ago_s in (("stop", 3600), ("live-migration", 1800), ("something-new", 900)):
        action(active, name, ago_s=ago_s)
    assert lines(active) == [
        ("cloud", "something-new"),
        ("cloud", "Moved to another host while it ran"), ("cloud", "Stop"), ("ours", "launch"),
    ]  # fmt: skip


def test_the_same_request_is_ours_whatever_the_clocks_say(active):
    Operation.objects.update(error_request_id="req-7")
    at = timezone.now() - timedelta(days=3)
    CloudAction.objects.create(instance=active, request_id="req-7", name="evacuate", started_at=at)
    assert lines(active) == [("ours", "launch")]


def asked_at(instance):
    return Instance.objects.get(pk=instance.pk).actions_asked_at


def test_the_page_asks_once_and_again_after_thirty_seconds_or_an_operation(browser, active):
    url = f"/t/lab/instances/{active.pk}/"
    browser.get(url)
    first = asked_at(active)
    browser.get(url)
    assert first is not None
    assert asked_at(active) == first
    Instance.objects.update(actions_asked_at=timezone.now() - timedelta(seconds=31))
    browser.get(url)
    second = asked_at(active)
    assert second > first
    Operation.objects.update(finished_at=timezone.now())
    browser.get(url)
    assert asked_at(active) > second


def test_the_page_itself_calls_no_cloud(browser, active, fake_path):
    before = len(journal.entries(str(fake_path), reads=True))
    for path in ("", f"{active.pk}/", f"{active.pk}/resize/", "launch/"):
        assert browser.get(f"/t/lab/instances/{path}").status_code == 200
    assert len(journal.entries(str(fake_path), reads=True)) == before


def test_who_did_it_and_the_clouds_words_are_for_administrators(browser, active, root):
    action(active, "evacuate", by="operator-7", message="host cmp-7 <b>failed</b>")
    url = f"/t/lab/instances/{active.pk}/"
    page = browser.get(url).content.decode()
    assert "Brought away from a host that failed" in page
    assert "The cloud says that it failed." in page
    assert "operator-7" not in page
    assert "cmp-7" not in page
    browser.force_login(root)
    page = browser.get(url).content.decode()
    assert "operator-7" in page
    assert "host cmp-7 &lt;b&gt;failed&lt;/b&gt;" in page


def test_a_cloud_that_does_not_answer_leaves_what_is_known(active, cloud, fake_path):
    history.fetch(str(active.pk))
    Faults(str(fake_path)).away()
    history.fetch(str(active.pk))
    assert active.cloud_actions.count() == 1


def test_what_was_made_outside_has_the_clouds_own_first_line(cloud, place, fake_path):
    outside.make_instance(str(fake_path), place_id=place)
    look(cloud)
    instance = Instance.objects.get(name="by-hand")
    history.fetch(str(instance.pk))
    assert lines(instance) == [("cloud", "Launch")]


@pytest.mark.parametrize("count", [1, 60])
def test_the_page_takes_the_same_number_of_queries_however_much_happened(
    browser, active, count, django_assert_max_num_queries
):
    for number in range(count):
        action(active, "stop", ago_s=100 + number)
    with django_assert_max_num_queries(13):
        browser.get(f"/t/lab/instances/{active.pk}/")
