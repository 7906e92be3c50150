"""The list of operations: what is chosen, page by page, at the same price however many there are."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.operations.models import Operation, State
from dashboard.operations.words import asked_by
from dashboard.tenancy.access import SYSTEM

PATH = "/t/lab/operations/"


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def many(launch, work, as_alice):
    """130 of bob's, done; one of alice's, failed; one that is stuck."""
    launch()
    work()
    first = Operation.objects.get()
    now = timezone.now()
    common = {"tenant": first.tenant, "cloud": first.cloud, "deadline_at": now, "target_id": first.target_id}
    rows = [
        Operation(**common, kind="instance.start", target_name=f"n{n}", key=f"n{n}", requested_by=first.requested_by,
                  requested_by_name="bob", state=State.DONE, finished_at=now)
        for n in range(130)
    ]  # fmt: skip
    mine = {"requested_by": as_alice.user, "requested_by_name": "alice"}
    rows.append(Operation(**common, **mine, kind="network.create", target_name="f", key="f", state=State.FAILED))
    slow = {"state": State.WAITING, "slow_at": now - timedelta(minutes=3)}
    rows.append(Operation(**common, **mine, **slow, kind="instance.stop", target_name="s", key="s"))
    Operation.objects.bulk_create(rows)


def names(browser, query=""):
    return [row.target_name for row in browser.get(PATH + query).context["list"].rows]


def test_page_after_page_each_is_there_once(browser, many):
    seen, query = [], ""
    while True:
        page = browser.get(PATH + query).context["list"]
        seen += [row.pk for row in page.rows]
        if not page.has_more:
            break
        query = page.older
    assert len(seen) == len(set(seen)) == Operation.objects.count() == 133


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?show=failed", ["f"]),
        ("?show=stuck", ["s"]),
        ("?show=open", ["s"]),
        ("?kind=network.create", ["f"]),
        ("?kind=instance.launch", ["web-1"]),
        ("?show=failed&kind=instance.stop", []),
        ("?show=failed&mine=1", []),
    ],
)
def test_what_is_chosen_is_shown(browser, many, query, found):
    assert names(browser, query) == found


def test_mine_are_mine(browser, many, alice):
    assert "f" not in names(browser, "?mine=1")
    client = Client()
    client.force_login(alice)
    assert sorted(names(client, "?mine=1")) == ["f", "s"]


def test_what_is_stuck_says_since_when(browser, many):
    page = browser.get(PATH + "?show=stuck").content.decode()
    assert "Stuck" in page
    assert "longer than usual" in page


@pytest.mark.parametrize("query", ["?show=x", "?kind=x", "?before=x", "?before=2026-01-01_x", "?before=%00", "?mine=2"])
def test_rubbish_is_left_out(browser, many, query):
    assert len(names(browser, query)) == 50


def test_it_costs_at_most_eight_queries(browser, many, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        browser.get(PATH)


def test_nothing_of_the_kind_says_so_and_leads_back(browser, launch):
    launch()
    page = browser.get(PATH + "?show=failed").content.decode()
    assert "Nothing has failed." in page
    assert "Show all" in page


def test_what_the_system_does_for_somebody_begins_with_whom_it_is_for():
    assert asked_by(SYSTEM, via="alice") == "Skydeck, for alice"
