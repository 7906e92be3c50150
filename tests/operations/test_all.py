"""The operations of all tenants: those that are open first, narrowed, and several mended at once."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.instances import actions
from dashboard.operations.models import Operation, State
from tests.conftest import actor_of

PATH = "/operations/"


@pytest.fixture
def browser(root):
    client = Client()
    client.force_login(root)
    return client


def made(tenant, cloud, name, **more):
    now = timezone.now()
    common = {"kind": "instance.stop", "deadline_at": now, "target_id": more.pop("target", None) or uuid.uuid4()}
    return Operation(**{**common, "tenant": tenant, "cloud": cloud, "target_name": name, "key": name, **more})


@pytest.fixture
def many(lab, other, cloud):
    """70 that are over, of both tenants; two that are open, one of them stuck; one that failed."""
    old = timezone.now() - timedelta(days=3)
    rows = [made(lab if n % 2 else other, cloud, f"n{n}", state=State.DONE, requested_by_name="bob") for n in range(70)]
    rows.append(made(other, cloud, "failed", state=State.FAILED, error_code="deadline", requested_by_name="charlie"))
    rows.append(made(lab, cloud, "stuck", state=State.WAITING, slow_at=old))
    rows.append(made(other, cloud, "open", state=State.QUEUED, kind="network.create"))
    Operation.objects.bulk_create(rows)
    Operation.objects.filter(target_name="stuck").update(created_at=old)


def names(browser, query=""):
    return [row.target_name for row in browser.get(PATH + query).context["list"].rows]


def test_the_open_ones_come_first_however_old_and_each_is_there_once(browser, many):
    seen, query = [], ""
    while True:
        page = browser.get(PATH + query).context["list"]
        seen += [row.target_name for row in page.rows]
        if not page.has_more:
            break
        query = page.older
    assert set(seen[:2]) == {"open", "stuck"}
    assert len(seen) == len(set(seen)) == 73


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?show=open", {"open", "stuck"}),
        ("?show=stuck", {"stuck"}),
        ("?show=failed", {"failed"}),
        ("?kind=network.create", {"open"}),
        ("?tenant=lab&show=open", {"stuck"}),
        ("?tenant=Lab&show=open", {"stuck"}),
        ("?tenant=nowhere", set()),
        ("?who=Charlie", {"failed"}),
        ("?text=tuc", {"stuck"}),
        ("?since=1d&show=open", {"open"}),
        ("?cloud=pretend&text=failed", {"failed"}),
        ("?cloud=nowhere&kind=nothing&since=x&text=failed", {"failed"}),
    ],
)
def test_it_is_narrowed(browser, many, query, found):
    assert set(names(browser, query)) == found


def test_an_id_is_found_and_what_is_no_place_is_the_beginning(browser, many):
    one = Operation.objects.get(target_name="n3")
    assert names(browser, f"?text={one.pk}") == names(browser, f"?text={one.target_id}") == ["n3"]
    assert len(names(browser, "?before=over_x")) == 50


def test_a_page_costs_the_same_however_many_there_are(browser, many, lab, cloud):
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(PATH).status_code == 200
    assert len(queries) <= 8


def test_the_tenant_is_typed_of_which_there_may_be_a_thousand(browser, many):
    page = browser.get(f"{PATH}?tenant=la").content.decode()
    assert "There is no tenant “la”, but: Lab (lab)." in page
    assert 'value="la"' in page
    assert 'data-find-tenants="/switch/"' in page
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(f"{PATH}?tenant=lab").status_code == 200
    assert len(queries) <= 8


def test_nothing_is_offered_for_what_is_past(browser, lab, cloud, many):
    failed = Operation.objects.get(target_name="failed")
    row = browser.get(f"{PATH}?show=failed").context["list"].rows[0]
    assert [name for name, _label, _icon in row.deeds] == ["resume", "roll-back"]
    made(lab, cloud, "later", target=failed.target_id, state=State.DONE).save()
    assert browser.get(f"{PATH}?show=failed").context["list"].rows[0].deeds == []


def test_several_are_cancelled_and_each_says_what_came_of_it(browser, launch, work, as_bob):
    first, second = launch("a"), launch("b")
    work()
    one, two = (actions.change(as_bob, instance.pk, "stop") for instance in (first, second))
    done = Operation.objects.filter(kind="instance.launch").first()
    ids = [str(one.pk), str(two.pk), str(done.pk), "nonsense"]
    asked = browser.post(f"{PATH}mend/", {"verb": "cancel", "id": ids})
    assert [len(asked.context["fitting"]), len(asked.context["others"])] == [2, 1]
    assert Operation.objects.open().count() == 2, "it only asked"
    told = browser.post(f"{PATH}mend/", {"verb": "cancel", "id": ids, "sure": "1"})
    assert [len(told.context["fitting"]), len(told.context["others"])] == [2, 1]
    assert "It is over: nothing is under way." in told.content.decode()
    assert not Operation.objects.open().exists()


def test_a_failed_one_of_any_tenant_is_resumed_as_the_administrator(browser, launch, work, charlie, other):
    instance = launch("theirs", actor=actor_of(charlie, other))
    Operation.objects.update(state=State.FAILED, error_code="deadline", finished_at=timezone.now())
    operation = Operation.objects.get(target_id=instance.pk)
    browser.post(f"{PATH}mend/", {"verb": "resume", "id": [operation.pk], "sure": "1"})
    operation.refresh_from_db()
    assert operation.is_open
    assert operation.told[-1].said.startswith("root")


@pytest.mark.parametrize("here", ["https://evil.example/", "//evil.example", "?show=open"])
def test_the_way_back_is_our_own(browser, many, here):
    answer = browser.post(f"{PATH}mend/", {"verb": "cancel", "here": here})
    assert answer.context["back"] == (PATH + here if here.startswith("?") else PATH)


def test_empty_it_says_so(browser, cloud):
    assert "Nothing has been asked for yet" in browser.get(PATH).content.decode()
    assert "Nothing has failed." in browser.get(f"{PATH}?show=failed").content.decode()
