"""One view, a page and its part; an answer to a form and to HTMX."""

import json
import re

import pytest
from django.contrib.messages import get_messages

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client, bob):
    client.force_login(bob)
    return client


@pytest.mark.parametrize("path", ["", "instances/", "operations/", "clouds/"])
def test_htmx_gets_the_live_part_under_its_own_id(browser, cloud, path):
    part = browser.get(f"/t/lab/{path}", headers=HTMX).content.decode().strip()
    assert part.startswith('<div id="live" ')
    assert "<html" not in part


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_browser_that_goes_to_another_page_gets_the_whole(browser, cloud, header):
    assert b"<html" in browser.get("/t/lab/instances/", headers=HTMX | {header: "true"}).content


def test_the_part_of_a_list_keeps_its_filter(browser, launch):
    launch("web-1")
    launch("db-1")
    part = browser.get("/t/lab/instances/?q=web", headers=HTMX).content.decode()
    assert "web-1" in part
    assert "db-1" not in part


def test_a_choice_of_flavor_asks_for_the_usage_only(browser, small):
    part = browser.get(f"/t/lab/instances/launch/?flavor={small.pk}", headers=HTMX).content.decode().strip()
    assert part.startswith('<section id="explanation" ')
    assert "0 → 1" in part


def test_a_choice_of_cloud_gives_the_form_with_what_was_typed(browser, cloud, small):
    typed = {"update": "1", "cloud": cloud.pk, "name": "web-9", "flavor": small.pk}
    answer = browser.post("/t/lab/instances/launch/", typed, headers=HTMX)
    assert answer.status_code == 200
    assert '<form id="form"' in answer.content.decode()
    assert 'value="web-9"' in answer.content.decode()


def test_the_first_wrong_field_has_the_focus(browser, cloud):
    page = browser.post("/t/lab/instances/launch/", {"cloud": cloud.pk, "name": "web-1"}).content.decode()
    assert page.count(" autofocus") == 1
    assert "autofocus" in page[page.index('<select name="image"') :][:300]


def test_a_form_that_lost_its_key_gets_a_new_one(browser, cloud):
    page = browser.post("/t/lab/instances/launch/", {"cloud": cloud.pk, "name": "web-1"}).content.decode()
    assert "Send it again." in page
    assert re.search(r'name="key" value="[0-9a-f]{32}"', page)


def test_a_verb_by_htmx_is_answered_by_events(browser, launch):
    answer = browser.post(f"/t/lab/instances/{launch().pk}/stop/", headers=HTMX)
    events = json.loads(answer["HX-Trigger"])
    assert answer.status_code == 409
    assert events["notice"]["bad"] is True
    assert events["changed"] == {}


def test_a_verb_by_a_form_is_answered_by_a_message_on_the_page_before(browser, launch):
    instance = launch()
    answer = browser.post(f"/t/lab/instances/{instance.pk}/delete/", {"back": "detail"})
    assert (answer.status_code, answer["Location"]) == (303, f"/t/lab/instances/{instance.pk}/")
    assert [message.level_tag for message in get_messages(answer.wsgi_request)] == ["success"]
