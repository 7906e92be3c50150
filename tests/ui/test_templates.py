"""What holds for every template: the policy, the names that people and scripts rely on, words instead of silence."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

TEMPLATES = sorted(Path(settings.ROOT, "templates").rglob("*.html"))
HOSTILE = "<script>alert('x')</script>"


@pytest.fixture
def browser(client, bob):
    client.force_login(bob)
    return client


def rows(page: str) -> list[str]:
    return page.split("<tbody")[1].split("<tr")[1:]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_needs_no_inline_script_or_style(path):
    text = path.read_text()
    assert not re.search(r'\sstyle="|\son\w+="|hx-on|"js:|javascript:|<style|<script(?![^>]* src=)', text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_click_waits_in_the_queue_of_the_part_that_refreshes_itself(path):
    """Of that queue only the last is kept: the next change on the cloud would take the place of the click."""
    text = path.read_text()
    assert text.count('hx-sync="this:queue last"') == text.count('hx-sync="this:queue last" hx-disinherit="hx-sync"')
    for tag in re.findall(r'<(?:a|form|button)[^\n]*?hx-target="#live"[^\n]*', text):
        assert "hx-sync" in tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_file_that_a_template_names_exists(path):
    named = re.findall(r"{% static '([^']+)' %}", path.read_text())
    assert [name for name in named if not finders.find(name)] == []


def test_the_page_for_our_own_failures_needs_nothing():
    assert "Something went wrong" in render_to_string("500.html")


@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_the_pages_for_errors_need_no_more_than_a_request(rf, status):
    assert str(status) in render_to_string(f"{status}.html", request=rf.get("/"))


def test_signing_in_has_the_names_that_stay(client, db):
    page = client.get("/accounts/login/").content.decode()
    assert re.search(r'<label for="id_login">Username or email</label>', page)
    assert re.search(r'<label for="id_password">Password</label>', page)
    assert '<button class="primary">Sign in</button>' in page


def test_signing_in_says_what_is_wrong_and_keeps_the_name(client, db):
    page = client.post("/accounts/login/", {"login": "bob", "password": "no"}).content.decode()
    assert 'role="alert"' in page
    assert 'value="bob"' in page


def test_the_launch_form_has_the_names_that_stay(browser, cloud, small):
    page = browser.get("/t/lab/instances/launch/").content.decode()
    for name, label in (("name", "Name"), ("image", "Image"), ("flavor", "Flavor")):
        assert f'<label for="id_{name}">{label}</label>' in page
    assert '<button id="launch" class="primary">Launch</button>' in page
    assert f'<option value="{small.pk}">small</option>' in page


def test_a_row_carries_name_word_consoles_and_verbs(browser, launch, work):
    launch("web-1")
    work()
    (row,) = rows(browser.get("/t/lab/instances/").content.decode())
    assert ">web-1</a>" in row
    assert ">Active</span>" in row
    for words in ("Start", "Stop", "Reboot", "Hard reboot", "Delete", "Serial console"):
        assert re.search(rf"</svg>{words}</(a|button)>", row)
    assert 'aria-label="Console"' in row


def test_a_grey_verb_says_why_and_is_still_there(browser, launch, work):
    launch("web-1")
    work()
    (row,) = rows(browser.get("/t/lab/instances/").content.decode())
    assert '<li data-why="Not possible while its status is Active."' in row
    assert 'aria-disabled="true" title="Not possible while its status is Active."' in row
    assert " disabled" not in row


def test_a_hostile_name_is_text_everywhere(browser, launch, work):
    instance = launch(HOSTILE)
    work()
    for path in ("", "instances/", f"instances/{instance.pk}/", f"instances/{instance.pk}/delete/", "operations/"):
        page = browser.get(f"/t/lab/{path}").content.decode()
        assert "alert(&#x27;x&#x27;)" in page
        assert HOSTILE not in page


def test_every_page_of_a_tenant_says_that_a_cloud_is_pretended(browser, launch):
    instance = launch()
    pages = ["", "instances/", "instances/launch/", "operations/", "clouds/", f"instances/{instance.pk}/"]
    for path in [*pages, f"instances/{instance.pk}/delete/"]:
        assert "the instances on “pretend” are pretended" in browser.get(f"/t/lab/{path}").content.decode()


def test_a_cloud_that_is_away_greys_its_rows_with_their_age(browser, launch, work, cloud):
    launch("web-1")
    work()
    cloud.health = "away"
    cloud.save()
    page = browser.get("/t/lab/instances/").content.decode()
    assert "The cloud pretend has not answered for " in page
    (row,) = rows(page)
    assert 'class="away"' in row
    assert "seen <time" in row


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "There are no instances yet."),
        ("instances/", "choose an image and a size, and launch"),
        ("instances/?q=zzz", "Nothing found"),
        ("operations/", "Begin with an instance."),
    ],
)
def test_an_empty_list_says_what_to_do_next(browser, cloud, path, says):
    assert says in browser.get(f"/t/lab/{path}").content.decode()


@pytest.mark.parametrize("path", ["", "instances/", "instances/launch/", "clouds/"])
def test_a_tenant_without_a_cloud_is_told_whom_to_ask(browser, path):
    assert "Ask your administrator for one" in browser.get(f"/t/lab/{path}").content.decode()


def test_a_person_without_a_tenant_is_told_whom_to_ask(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody"))
    assert "Ask a manager of one, or your administrator, to add you" in client.get("/").content.decode()


def test_a_reader_sees_no_way_to_launch(client, rita, cloud):
    client.force_login(rita)
    page = client.get("/t/lab/instances/").content.decode()
    assert "Launch instance" not in page
    assert "Your role lets you look only." in page
