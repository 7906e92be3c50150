"""The console log in a real browser: it follows its guest, finds what one looks for, and is kept as a file."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from dashboard.clouds.interface import Feature, Status
from dashboard.instances import console_log
from dashboard.instances.models import ConsoleLog, Instance
from dashboard.live.publish import publish
from tests.chromium import window
from tests.web import web_process

from .conftest import again

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
LINES = "".join(f"[{number:5}.0] line {number} of the boot\n" for number in range(1, 201))
FOUND = "[...(CSS.highlights.get('log-found') ?? [])].map((range) => range.toString())"
HERE = "[...(CSS.highlights.get('log-here') ?? [])].map((range) => range.startOffset)"
BOX = "document.querySelector('pre.log')"
FROM_END = f"{BOX}.scrollHeight - {BOX}.scrollTop - {BOX}.clientHeight"


@pytest.fixture
def guest(launch, work, monkeypatch):
    """It has written LINES; `writes(text)` is more, as a worker brings it; `rung`: for whom a worker was asked."""
    instance = launch("web-1")
    work()
    again(instance)
    instance.rung = []
    monkeypatch.setattr(console_log, "ring", lambda one: instance.rung.append(one.pk))

    def writes(text):
        log, _made = ConsoleLog.objects.get_or_create(instance=instance)
        with transaction.atomic():
            log.text += text
            log.taken_at = log.asked_at = timezone.now()
            log.save()
            publish(instance.tenant_id, "console-log", object_id=instance.pk)

    instance.writes = writes
    writes(LINES)
    return instance


@pytest.fixture
def page(chromium, bob, guest):
    with web_process() as web, window(chromium, web, bob) as page:
        show(page, guest)
        yield page


def show(page, guest):
    page.goto(f"/t/lab/instances/{guest.pk}/console-log/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def log(page):
    return page.get_by_role("region", name="Console log")


def from_end(page):
    return page.evaluate(FROM_END)


def find(page, text):
    page.get_by_label("Find in the log").fill(text)


# --- following ---------------------------------------------------------------------------


def test_what_the_guest_writes_appears_and_who_reads_the_end_stays_there(page, guest):
    assert from_end(page) < 1, "it opens at its end"
    guest.writes("login: \n")
    expect(log(page)).to_contain_text("login:")
    page.wait_for_function(f"{FROM_END} < 1")


def test_who_reads_further_up_is_left_there_and_is_one_click_from_the_end(page, guest):
    log(page).evaluate("(box) => { box.scrollTop = 100; }")
    guest.writes("login: \n" * 30)
    expect(log(page)).to_contain_text("login:")
    assert log(page).evaluate("(box) => box.scrollTop") == 100
    page.get_by_role("button", name="To the end").click()
    assert from_end(page) < 1
    expect(log(page)).to_be_focused()


def test_while_it_is_looked_at_a_fresh_one_is_asked_for_and_of_a_guest_that_is_off_none(page, guest):
    ConsoleLog.objects.update(asked_at="2026-01-01T00:00Z", taken_at="2026-01-01T00:00Z")
    before = len(guest.rung)
    expect(page.locator("#console-log-head")).to_have_attribute("data-follows", "")
    page.wait_for_timeout(1000 * (console_log.PERIOD_S + 1.5))
    assert len(guest.rung) > before
    Instance.objects.update(status=Status.SHUTOFF)
    show(page, guest)
    expect(page.locator("#console-log-head")).not_to_have_attribute("data-follows", "")


# --- searching ---------------------------------------------------------------------------


def test_a_search_begins_at_the_end_counts_and_goes_round_by_keyboard(page):
    find(page, "LINE 19")
    expect(page.locator("#log-count")).to_have_text("11 of 11")
    assert page.evaluate(FOUND) == ["line 19"] * 11
    last = page.evaluate(HERE)
    page.keyboard.press("Enter")
    expect(page.locator("#log-count")).to_have_text("1 of 11")
    assert page.evaluate(HERE) < last
    assert from_end(page) > 1000, "what is found is scrolled to"
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#log-count")).to_have_text("11 of 11")
    page.get_by_role("button", name="Previous match").click()
    expect(page.locator("#log-count")).to_have_text("10 of 11")


def test_what_comes_meanwhile_is_found_too_and_moves_nobody(page, guest):
    find(page, "line 1 of")
    expect(page.locator("#log-count")).to_have_text("1 of 1")
    at = log(page).evaluate("(box) => box.scrollTop")
    guest.writes("once more: line 1 of two\n")
    expect(page.locator("#log-count")).to_have_text("1 of 2")
    assert log(page).evaluate("(box) => box.scrollTop") == at


def test_what_is_not_there_is_said_and_escape_ends_the_search(page):
    find(page, "<b>panic")
    expect(page.locator("#log-count")).to_have_text("Not found")
    expect(page.get_by_role("button", name="Next match")).to_be_disabled()
    page.get_by_label("Find in the log").press("Escape")
    expect(page.locator("#log-count")).to_have_text("")
    expect(log(page)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Find in the log")).to_be_focused()
    assert not page.locator("#search-dialog").is_visible()


# --- where there is no more of the console -----------------------------------------------


def test_the_consoles_of_a_cloud_with_text_alone_lead_to_it_and_it_is_followed(page, guest):
    cloud = guest.cloud
    cloud.features = [name for name in cloud.features if name not in (Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL)]
    cloud.save(update_fields=["features"])
    page.goto("/t/lab/instances/")
    page.get_by_role("button", name="Actions for").click()
    page.get_by_role("link", name="Console", exact=True).last.click()
    expect(page.get_by_text("This cloud gives the console's text only")).to_be_visible()
    guest.writes("login: \n")
    expect(log(page)).to_contain_text("login:")
    page.goto(f"/t/lab/instances/{guest.pk}/console/")
    guest.writes("somebody came\n")
    expect(log(page)).to_contain_text("somebody came")
    assert from_end(page) < 1


# --- the rest ----------------------------------------------------------------------------


def test_long_lines_are_wrapped_or_not(page, guest):
    guest.writes("x" * 2000 + "\n")
    expect(log(page)).to_contain_text("xxxx")
    is_wide = "(box) => box.scrollWidth > box.clientWidth"
    assert not log(page).evaluate(is_wide)
    page.get_by_role("button", name="Wrap lines").click()
    assert log(page).evaluate(is_wide)


def test_it_is_downloaded_as_a_file_with_what_is_there_now(page, guest):
    guest.writes("the end\n")
    expect(log(page)).to_contain_text("the end")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "web-1-console.log"
    assert Path(download.value.path()).read_text() == LINES + "the end\n"


def test_axe_finds_nothing_while_something_is_found(page):
    find(page, "line 7")
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
