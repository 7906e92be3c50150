"""One verb on many: who qualifies is said first, each is asked for as if it were alone, and each has its own result."""

import re

import pytest
from django.utils import timezone

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Feature, Status
from dashboard.instances import actions, bulk
from dashboard.instances.models import Instance
from dashboard.operations.batches import Progress
from dashboard.operations.models import Batch, Operation
from tests.conftest import actor_of

MANY = "/t/lab/instances/many/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def some(launch, work, cloud):
    """Four: two are active, one is stopped, one is locked; their cloud can do all that a cloud can."""
    type(cloud).objects.update(features=[feature.value for feature in Feature])
    made = [launch(f"web-{number}") for number in range(4)]
    work()
    Instance.objects.filter(name="web-2").update(status=Status.SHUTOFF)
    Instance.objects.filter(name="web-3").update(is_locked=True)
    return made


def ids(instances):
    return [str(instance.pk) for instance in instances]


def judge(actor, verb, *, tags=(), **which):
    return bulk.Judged(actor, bulk.DEEDS[verb], bulk.selected(Instance.objects.filter(**which)), tags=tags)


def hidden(page: str) -> dict[str, object]:
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: [v for n, v in fields if n == name] for name, _value in fields}


def confirm(browser, **data):
    """Asks, and says yes to what is shown. Returns (the page that asked, the answer to the yes)."""
    asked = browser.post(MANY, data)
    page = asked.content.decode()
    return page, browser.post(MANY, hidden(page) | {"confirmed": "1"} | {k: data[k] for k in data if k == "tags"})


def test_it_says_how_many_qualify_and_why_the_others_do_not_before_anything_is_done(browser, some):
    page = browser.post(MANY, {"verb": "stop", "id": ids(some)}).content.decode()
    assert "Stop: 2 of 4 instances" in page
    assert "One does not: Not possible while its status is Stopped." in page
    assert "One does not: It is locked. Unlock it first." in page
    assert ">web-3</span>" in page
    assert not Operation.objects.open().exists()
    assert Batch.objects.count() == 0


def test_a_yes_makes_one_batch_with_an_operation_for_each_that_qualifies(browser, some):
    _page, answer = confirm(browser, verb="stop", id=ids(some))
    batch = Batch.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/t/lab/operations/batches/{batch.pk}/")
    assert sorted(o.target_name for o in batch.operations.all()) == ["web-0", "web-1"]
    assert {one["name"]: one["reason"] for one in batch.refused} == {
        "web-2": "Not possible while its status is Stopped.",
        "web-3": "It is locked. Unlock it first.",
    }


def test_the_same_form_twice_is_done_once(browser, some):
    page = browser.post(MANY, {"verb": "stop", "id": ids(some[:2])}).content.decode()
    yes = hidden(page) | {"confirmed": "1"}
    first, second = browser.post(MANY, yes), browser.post(MANY, yes)
    assert first["Location"] == second["Location"]
    assert Operation.objects.open().count() == 2


def test_all_that_match_are_looked_for_again_at_the_yes(browser, some, launch):
    page = browser.post(MANY, {"verb": "lock", "all": "1", "q": "web -web-3"}).content.decode()
    assert "Lock: 3 of 3 instances" in page
    launch("web-9")
    again = browser.post(MANY, hidden(page) | {"confirmed": "1"})
    assert again.status_code == 422
    assert "What is selected has changed since you were asked, and nothing was done." in again.content.decode()
    assert "Lock: 3 of 4 instances" in again.content.decode()
    assert Batch.objects.count() == 0
    answer = browser.post(MANY, hidden(again.content.decode()) | {"confirmed": "1"})
    assert (answer.status_code, Batch.objects.get().operations.count()) == (303, 3)


def test_what_happens_between_the_question_and_the_yes_is_each_ones_own_result(as_bob, alice, lab, some):
    judged = bulk.Judged(
        as_bob, bulk.DEEDS["stop"], bulk.selected(Instance.objects.filter(name__in=["web-0", "web-1"]))
    )
    actions.change(actor_of(alice, lab), some[0].pk, "reboot")
    Instance.objects.filter(pk=some[1].pk).update(deleted_at=timezone.now())
    batch = bulk.ask(as_bob, judged, key="k")
    assert batch.operations.count() == 0
    reasons = {one["name"]: one["reason"] for one in Batch.objects.get().refused}
    assert "alice asked for “Reboot”" in reasons["web-0"]
    assert reasons["web-1"].startswith("The instance is deleted. It was removed at ")


def test_what_was_interrupted_says_so_and_is_asked_for_again(browser, as_bob, some, monkeypatch):
    judged = bulk.Judged(
        as_bob, bulk.DEEDS["add-tags"], bulk.selected(Instance.objects.filter(is_locked=False)), tags=["x"]
    )
    real, calls = actions.change, []

    def dies(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return real(*args, **kwargs)

    monkeypatch.setattr(actions, "change", dies)
    with pytest.raises(SystemExit):
        bulk.ask(as_bob, judged, key="k", tags=["x"])
    monkeypatch.undo()
    batch = Batch.objects.get()
    assert (Progress(batch).open, Progress(batch).left) == (1, 2)
    Operation.objects.update(state="done")
    Batch.objects.update(created_at=timezone.now() - timezone.timedelta(hours=1))
    assert (
        "interrupted before it asked for 2 of them"
        in browser.get(f"/t/lab/operations/batches/{batch.pk}/").content.decode()
    )
    answer = browser.post(f"/t/lab/instances/many/{batch.pk}/again/")
    new = Batch.objects.exclude(pk=batch.pk).get()
    assert answer["Location"] == f"/t/lab/operations/batches/{new.pk}/"
    assert [o.arguments["tags"] for o in new.operations.all()] == [["x"], ["x"]]


def test_what_failed_is_asked_for_again_once(browser, some, work, fake_path):
    Faults(str(fake_path)).fail("Refused", reason="other", call="stop", times=1)
    confirm(browser, verb="stop", id=ids(some[:2]))
    work()
    batch = Batch.objects.get()
    page = browser.get(f"/t/lab/operations/batches/{batch.pk}/").content.decode()
    assert "Ask for the one that failed again" in page
    url = f"/t/lab/instances/many/{batch.pk}/again/"
    assert browser.post(url)["Location"] == browser.post(url)["Location"]
    shown = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/t/lab/operations/batches/{batch.pk}/"}
    assert browser.post(url, headers=shown)["HX-Redirect"] == browser.post(url)["Location"]
    work()
    page = browser.get(f"/t/lab/operations/batches/{batch.pk}/").content.decode()
    assert ">1 done</a>" in page
    assert "that failed again" not in page
    assert Batch.objects.exclude(pk=batch.pk).get().operations.get().state == "done"
    assert set(Instance.objects.filter(name__in=["web-0", "web-1"]).values_list("status", flat=True)) == {"SHUTOFF"}


def test_tags_are_added_to_what_each_has_and_taken_away(browser, some, work):
    Instance.objects.filter(name="web-0").update(tags=["old", "x"])
    _page, answer = confirm(browser, verb="add-tags", id=ids(some[:2]), tags="x, y")
    assert answer.status_code == 303
    work()
    assert [sorted(i.tags) for i in Instance.objects.filter(name__in=["web-0", "web-1"]).order_by("name")] == [
        ["old", "x", "y"],
        ["x", "y"],
    ]


def test_a_tag_that_cannot_be_says_why_and_is_kept(browser, some):
    page = browser.post(MANY, {"verb": "add-tags", "id": ids(some)}).content.decode()
    answer = browser.post(MANY, hidden(page) | {"confirmed": "1", "tags": "a/b"})
    assert answer.status_code == 422
    assert 'value="a/b"' in answer.content.decode()
    assert Batch.objects.count() == 0


def test_nothing_selected_is_said(browser, some):
    answer = browser.post(MANY, {"verb": "stop", "here": "?q=web&sort=name"})
    assert (answer.status_code, answer["Location"]) == (303, "/t/lab/instances/?q=web&sort=name")
    assert "Nothing is selected" in browser.get(answer["Location"]).content.decode()
    assert browser.post(MANY, {"verb": "stop", "id": "rubbish"}, headers=HTMX).status_code == 409
    assert browser.post(MANY, {"verb": "explode", "id": ids(some)}, headers=HTMX).status_code == 409


def test_too_many_is_said_in_words(browser, some, monkeypatch):
    monkeypatch.setattr("dashboard.instances.bulk.MOST", 3)
    monkeypatch.setattr("dashboard.instances.bulk_views.MOST", 3)
    answer = browser.post(MANY, {"verb": "lock", "all": "1", "q": "", "confirmed": "1"})
    assert answer.status_code == 422
    assert "More than 3 instances are selected" in answer.content.decode()
    assert Batch.objects.count() == 0


def test_of_another_tenant_nothing_is_found(client, charlie, some):
    client.force_login(charlie)
    assert client.post("/t/other/instances/many/", {"verb": "stop", "id": ids(some)}, headers=HTMX).status_code == 409
    answer = client.post("/t/other/instances/many/", {"verb": "stop", "all": "1", "q": ""}, headers=HTMX)
    assert answer.status_code == 409
    assert not Operation.objects.open().exists()


def test_a_question_costs_no_more_for_more(browser, some, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        browser.post(MANY, {"verb": "stop", "all": "1", "q": "web"}, headers=HTMX)


def test_who_may_only_look_sees_nothing_to_select(client, rita, some):
    client.force_login(rita)
    assert b'<input type="checkbox" form="selection"' not in client.get("/t/lab/instances/").content
