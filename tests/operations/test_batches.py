"""The page of what was asked for at once: each thing with its own result, for its tenant alone."""

import pytest
from django.db import transaction

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.operations.batches import Progress, open_batch
from dashboard.operations.models import Batch, Operation

HTMX = {"HX-Request": "true"}


@pytest.fixture
def batch(as_bob, launch):
    """Of two launches, and one thing that did not qualify."""
    refused = [{"id": "", "name": "web-3", "reason": "Not enough quota."}]
    made, is_new = open_batch(as_bob, kind="instance.launch", key="k", refused=refused)
    assert is_new
    for name in ("web-1", "web-2"):
        launch(name)
    Operation.objects.update(batch=made)
    return made


@pytest.fixture
def browser(client, bob):
    client.force_login(bob)
    return client


def url(batch):
    return f"/t/lab/operations/batches/{batch.pk}/"


def test_the_same_key_is_the_same_batch_and_another_tenants_is_not(as_bob, charlie, other):
    from tests.conftest import actor_of

    first, _ = open_batch(as_bob, kind="instance.stop", key="k")
    assert open_batch(as_bob, kind="instance.stop", key="k") == (first, False)
    assert open_batch(actor_of(charlie, other), kind="instance.stop", key="k")[1]
    assert Batch.objects.count() == 2


def test_a_key_of_any_length_is_a_key(as_bob):
    with transaction.atomic():
        assert open_batch(as_bob, kind="instance.stop", key="\N{PILE OF POO}" * 5000)[1]


def test_it_says_how_many_of_how_many_and_each_with_its_own_result(browser, batch, work, fake_path):
    page = browser.get(url(batch)).content.decode()
    assert "0 of 2 have ended." in page
    Faults(str(fake_path)).fail("Refused", reason="other", call="create", times=1)
    work()
    page = browser.get(url(batch)).content.decode()
    assert "It is over: 1 of 2 is done." in page
    for said in ("web-1", "web-2", "web-3", ">Failed<", ">Done<", "Not enough quota."):
        assert said in page


def test_one_state_alone_can_be_looked_at(batch, work):
    work()
    assert [item.name for item in Progress(batch, only="refused").items] == ["web-3"]
    assert {item.state for item in Progress(batch, only="done").items} == {"done"}
    assert len(Progress(batch, only="rubbish").items) == 3


def test_what_failed_and_was_asked_for_again_says_so_and_is_not_offered_twice(browser, as_bob, batch):
    Operation.objects.update(state="failed")
    first, second = batch.operations.order_by("created_at")
    again, _is_new = open_batch(as_bob, kind=batch.kind, key="a", again_of=batch, again_for=[str(first.target_id)])
    progress = Progress(batch)
    assert (progress.taken, progress.again) == ({str(first.target_id)}, {str(second.target_id)})
    assert f'<a href="{url(again)}">nothing was asked for</a>' in browser.get(url(batch)).content.decode()
    assert f'<a href="{url(batch)}">an earlier one</a>' in browser.get(url(again)).content.decode()


def test_a_dialog_gets_the_part_and_operations_lead_to_it(browser, batch):
    assert b"<html" not in browser.get(url(batch), headers=HTMX).content
    assert url(batch) in browser.get("/t/lab/operations/").content.decode()
    assert url(batch) in browser.get(f"/t/lab/operations/{Operation.objects.first().pk}/").content.decode()


def test_its_length_costs_no_queries(browser, batch, django_assert_num_queries):
    with django_assert_num_queries(5):
        browser.get(url(batch))
