"""The timeline with its buttons: what they say, what they ask, and who sees what."""

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.instances.models import Instance
from dashboard.operations import run
from dashboard.operations.models import Operation

HTMX = {"HX-Request": "true"}
RAW = "Traceback: secret-host-17 said <b>no</b>"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def browser(bob):
    return signed_in(bob)


@pytest.fixture
def broken(launch, work, faults):
    faults.end_in_error(RAW)
    launch()
    work()
    return Operation.objects.get()


def page_of(client, operation, headers=None):
    return client.get(f"/t/lab/operations/{operation.pk}/", headers=headers).content.decode()


def path(operation, verb):
    return f"/t/lab/operations/{operation.pk}/{verb}/"


def test_each_step_shows_when_it_began_how_often_it_looked_and_the_clouds_ids(browser, launch, work):
    launch()
    work()
    operation = Operation.objects.get()
    create, built = operation.steps.all()
    (made,) = [call for call in create.calls if call["changes"]]
    assert (made["source"], made["id"].startswith("fake-")) == ("fake", True)
    assert built.calls
    page = page_of(browser, operation)
    assert made["id"] in page
    assert f'datetime="{create.started_at.isoformat()}"' in page


def test_a_step_that_looks_for_hours_keeps_few_ids(launch, faults):
    faults.never_finish()
    launch()
    for _ in range(10):
        Operation.objects.update(due_at=timezone.now())
        run.advance(Operation.objects.get().pk)
    built = Operation.objects.get().steps.get(name="built")
    assert (built.attempts, len(built.calls)) == (10, 3)


def test_a_failed_one_offers_both_ways_on_its_page_and_on_the_instances(browser, broken):
    for page in (page_of(browser, broken), browser.get(f"/t/lab/instances/{broken.target_id}/").content.decode()):
        assert f'formaction="{path(broken, "resume")}"' in page
        assert f'href="{path(broken, "roll-back")}"' in page


def test_a_reader_sees_why_the_buttons_are_grey(rita, broken):
    page = page_of(signed_in(rita), broken)
    assert page.count('aria-disabled="true"') == 2
    assert page.count('<small class="dim">This needs the role Member; you may only look.</small>') == 2


def test_rolling_back_asks_first_and_says_what_it_will_do(browser, broken):
    dialog = browser.get(path(broken, "roll-back"), headers=HTMX).content.decode()
    assert "Ask the cloud to remove it" in dialog
    assert "Nothing of it stays" in dialog
    assert Operation.objects.count() == 1
    answer = browser.post(path(broken, "roll-back"))
    rolling = Operation.objects.order_by("-created_at").first()
    assert answer["Location"] == f"/t/lab/operations/{rolling.pk}/"
    assert "roll it back</a>" in page_of(browser, broken)


def test_who_comes_second_is_told_who_was_faster(browser, alice, broken):
    assert signed_in(alice).post(path(broken, "resume"), headers=HTMX).status_code == 204
    answer = browser.post(path(broken, "resume"), headers=HTMX)
    assert (answer.status_code, "alice resumed it" in answer["HX-Trigger"]) == (409, True)


def test_for_want_of_quota_the_managers_are_named(browser, alice, launch, work, faults):
    detail = "Quota exceeded for cores: Requested 1, but already used 18 of 18 cores"
    faults.fail("Refused", reason="quota", detail=detail, call="create", times=2)
    launch()
    work()
    assert "For more quota ask a manager of this tenant: alice." in page_of(browser, Operation.objects.get())


def test_resuming_without_quota_says_what_is_missing_and_whom_to_ask(browser, alice, launch, work, faults, lab):
    faults.fail("Refused", reason="capacity", call="create", times=1)
    launch()
    work()
    lab.quotas.filter(resource="vcpus").update(limit=0)
    answer = browser.post(path(Operation.objects.get(), "resume"), headers=HTMX)
    assert answer.status_code == 409
    assert "1 needed and 0 left. For more quota ask a manager of this tenant: alice." in answer["HX-Trigger"]


@pytest.mark.parametrize("deadline", ["", "rubbish", "2026-02-30T00:00:00", "\x00", "9" * 5000])
def test_any_deadline_but_the_one_that_was_seen_harms_nothing(browser, launch, faults, deadline):
    faults.never_finish()
    launch()
    run.advance(Operation.objects.get().pk)
    before = Operation.objects.get().deadline_at
    assert browser.post(path(Operation.objects.get(), "wait-on"), {"deadline": deadline}).status_code == 303
    assert Operation.objects.get().deadline_at >= before


def test_an_unknown_verb_is_no_page(browser, broken):
    assert browser.get(path(broken, "explode")).status_code == 404
    assert browser.post(path(broken, "explode")).status_code == 404


@pytest.mark.parametrize("person", ["alice", "bob", "rita"])
def test_no_byte_of_what_the_cloud_said_reaches_a_member(person, broken, request, browser):
    client = signed_in(request.getfixturevalue(person))
    assert Instance.objects.get().fault == RAW == Operation.objects.get().error_detail
    paths = ["", "instances/", f"instances/{broken.target_id}/", "operations/", f"operations/{broken.pk}/"]
    paths += ["operations/bell/", f"operations/{broken.pk}/roll-back/", f"instances/{broken.target_id}/delete/"]
    paths += ["instances/?q=secret-host-17", "operations/?q=secret-host-17", "clouds/"]
    for each in paths:
        for headers in ({}, HTMX):
            answer = client.get(f"/t/lab/{each}", headers=headers)
            said = answer.content.decode() + str(answer.headers) + str(answer.cookies)
            assert "Traceback" not in said, each
            assert "host-17 said" not in said, each
    answer = client.post(path(broken, "wait-on"), headers=HTMX)
    assert "Traceback" not in answer.content.decode() + str(answer.headers)


def test_administrators_have_it_folded(root, broken):
    page = page_of(signed_in(root), broken)
    assert "Traceback: secret-host-17 said &lt;b&gt;no&lt;/b&gt;" in page
    assert page.index('<details id="raw-') < page.index("Traceback")


def test_the_page_costs_the_same_with_more_steps_and_calls(browser, broken, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page_of(browser, broken)


@pytest.fixture
def refused(launch, work, faults):
    faults.fail("Refused", reason="other", call="create", times=1)
    launch()
    work()
    return Operation.objects.get()


def test_what_only_the_clouds_words_explain_leads_each_to_them(browser, root, refused):
    Operation.objects.update(error_request_id="req-17")
    assert "Ask your administrator, with the request id req-17." in page_of(browser, refused)
    page = page_of(signed_in(root), refused)
    assert "Read the cloud&#x27;s own words, folded below, then try again." in page
    assert "Ask your administrator" not in page
    Operation.objects.update(error_request_id="")
    page = page_of(browser, refused)
    assert "Ask your administrator." in page
    assert "Concerns" not in page


def test_the_bell_points_at_nothing_that_is_not_there(browser, root, refused):
    said = browser.get("/t/lab/operations/bell/").content.decode()
    assert "The cloud refused. Ask your administrator" in said
    Operation.objects.update(requested_by=root)
    said = signed_in(root).get("/t/lab/operations/bell/").content.decode()
    assert "The cloud refused. Read the cloud&#x27;s own words in its operation, then try again." in said
    assert "below" not in said
