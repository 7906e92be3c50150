"""The bell: what came of one's own operations, and of nobody else's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.instances import actions as verbs
from dashboard.live.feed import Change, Subscriber, changes_after, replay
from dashboard.live.models import Event
from dashboard.operations.batches import open_batch
from dashboard.operations.bell import KEPT
from dashboard.operations.models import Operation, State

PATH = "/t/lab/operations/bell/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(bob):
    return signed_in(bob)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def bell(client):
    """What the top bar shows."""
    return client.get(PATH, headers=HTMX).content.decode()


def test_it_tells_what_came_of_it_and_why_it_failed(browser, launch, work, faults):
    launch("well")
    work()
    faults.fail("Refused", reason="capacity", call="create", times=1)
    launch("badly")
    work()
    page = bell(browser)
    assert "Notifications, 2 unread" in page
    assert page.index("Launch badly") < page.index("Launch well")
    assert "No host of the cloud has enough room for it." in page


def test_nobody_elses_is_in_it(launch, work, alice, root):
    launch()
    work()
    for other in (alice, root):
        assert "Notifications, none unread" in bell(signed_in(other))
        assert "Nothing to tell yet" in bell(signed_in(other))


def test_read_is_what_was_on_the_page(browser, launch, work):
    launch("first")
    work()
    until = Operation.objects.get().finished_at.isoformat()
    launch("second")
    work()
    assert browser.post(PATH + "read/", {"until": until}).status_code == 303
    assert "Notifications, 1 unread" in bell(browser)
    browser.post(PATH + "read/", {"until": "rubbish"})
    assert "Notifications, none unread" in bell(browser)
    browser.post(PATH + "read/", {"until": until})
    assert "none unread" in bell(browser)


def test_it_survives_signing_out(browser, launch, work, bob):
    launch()
    work()
    browser.post(PATH + "read/")
    browser.logout()
    assert "none unread" in bell(signed_in(bob))


def test_without_javascript_it_is_a_page(browser, launch, work):
    launch()
    work()
    assert f'href="{PATH}"' in browser.get("/t/lab/instances/").content.decode()
    page = browser.get(PATH).content.decode()
    assert "<h1>Notifications</h1>" in page
    assert "Mark all as read" in page


def test_it_has_a_fixed_size_and_costs_no_more_with_more(browser, launch, work):
    launch()
    work()
    first = Operation.objects.get()
    fields = {"tenant": first.tenant, "cloud": first.cloud, "kind": first.kind, "requested_by": first.requested_by}
    now = timezone.now()
    Operation.objects.bulk_create(
        Operation(
            **fields, target_id=first.target_id, target_name=f"n{n}", key=f"n{n}", state=State.DONE, deadline_at=now,
            finished_at=now + timedelta(seconds=n),
        )
        for n in range(KEPT + 20)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(PATH).content.decode()
    assert (page.count('id="bell-n') + page.count('<li id="bell-'), "99+" in bell(browser)) == (KEPT, True)
    assert len(queries) <= 6


@pytest.fixture
def many(as_bob, launch):
    """Asks for several launches at once."""

    def ask(number, key="many"):
        batch, _new = open_batch(as_bob, kind="instance.launch", key=key)
        for one in range(number):
            instance = launch(f"{key}-{one}")
            Operation.objects.filter(target_id=instance.pk).update(batch=batch)
        return batch

    return ask


def test_what_was_asked_for_at_once_is_one_line_that_leads_to_all_of_it(browser, many, work, faults):
    batch = many(4)
    assert "none unread" in bell(browser)
    faults.fail("Refused", reason="capacity", call="create", times=1)
    work()
    page = bell(browser)
    assert "Launch of 4 instances: 3 done, 1 failed" in page
    assert "Notifications, 1 unread" in page
    assert "bell bad" in page
    assert f'href="/t/lab/operations/batches/{batch.pk}/"' in page
    assert "Launch many-0" not in page


def test_a_batch_is_told_of_as_soon_as_the_first_ends_and_again_with_the_last(browser, many, work):
    batch = many(3)
    one = batch.operations.first()
    Operation.objects.filter(pk=one.pk).update(state=State.DONE, finished_at=timezone.now())
    assert "Launch of 3 instances: 1 done, 2 under way" in bell(browser)
    browser.post(PATH + "read/")
    work()
    page = bell(browser)
    assert "Launch of 3 instances: 3 done" in page
    assert "Notifications, 1 unread" in page


def test_a_batch_of_one_says_what_came_of_that_one(browser, many, work, faults):
    many(1, key="lonely")
    faults.fail("Refused", reason="capacity", call="create", times=1)
    work()
    page = bell(browser)
    assert "Launch lonely-0" in page
    assert "No host of the cloud has enough room for it." in page


def test_a_batch_that_somebody_else_asked_for_is_theirs(many, work, alice):
    many(2)
    work()
    assert "none unread" in bell(signed_in(alice))


def test_many_batches_cost_no_more(browser, many, work):
    for number in range(3):
        many(2, key=f"k{number}")
    work()
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(PATH).content.decode()
    assert page.count("Launch of 2 instances: 2 done") == 3
    assert len(queries) <= 6


def test_what_is_older_than_a_month_is_left_out(browser, launch, work):
    launch()
    work()
    Operation.objects.update(finished_at=timezone.now() - timedelta(days=31))
    assert "none unread" in bell(browser)


def test_a_push_is_for_one_person_and_carries_a_name_only(launch, work, bob, alice, lab):
    launch()
    Event.objects.all().delete()
    work()
    (event,) = Event.objects.filter(topic="bell")
    assert (event.user_id, event.object_id, event.tenant_id) == (bob.pk, "", lab.pk)
    (change,) = [change for change in changes_after(0) if change.topic == "bell"]
    assert Subscriber(lab.pk, bob.pk).hears(change)
    assert not Subscriber(lab.pk, alice.pk).hears(change)
    assert not Subscriber(None, alice.pk).hears(change)
    told = {person: [c.topic for c in replay(lab.pk, None, user_id=person.pk)[1]] for person in (bob, alice)}
    assert ("bell" in told[bob], "bell" in told[alice]) == (True, False)


def test_what_is_for_everybody_is_heard_by_everybody(lab, alice):
    assert Subscriber(lab.pk, alice.pk).hears(Change(1, lab.pk, "instances", ""))


def test_cancelled_by_another_it_is_told(launch, as_alice, browser):
    instance = launch()
    verbs.change(as_alice, instance.pk, "delete")
    assert "Cancelled" in bell(browser)
