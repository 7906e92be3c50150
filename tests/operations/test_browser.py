"""The bell and the timeline in a real browser: live, by keyboard, with long names, and to those who cannot see them."""

import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from dashboard.operations import actions, run
from dashboard.operations.models import Operation
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
LONG = "a-name-as-long-as-they-come-" + "x" * 200
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 800}


def show(page, path):
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    expect(page.locator("#bell-button")).to_be_visible()


def picture(page, name):
    if folder := os.environ.get("SKYDECK_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/operations-{name}.png")


def violations(page):
    page.evaluate(AXE)
    return [found["id"] for found in page.evaluate("axe.run()")["violations"]]


def newest():
    return Operation.objects.order_by("-created_at").first()


def test_the_bell_counts_by_itself_opens_by_keyboard_and_is_read(chromium, bob, launch, work, faults):
    with web_process() as web, window(chromium, web, bob) as page:
        show(page, "/t/lab/instances/")
        bell = page.locator("#bell-button")
        expect(bell).to_have_accessible_name("Notifications, none unread")
        bell.press("Enter")
        expect(page.locator("#bell-menu")).to_be_visible()
        picture(page, "bell-empty")
        faults.fail("Refused", reason="capacity", call="create", times=1)
        launch(LONG)
        work()  # the open popover fills by itself, and stays open
        expect(bell).to_have_accessible_name("Notifications, 1 unread")
        expect(page.locator("#bell-menu")).to_contain_text("No host of the cloud has enough room for it.")
        expect(page.locator("#bell-said")).to_have_text("1 unread notification")
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#bell-menu")).to_be_hidden()
        expect(bell).to_be_focused()
        bell.press("Enter")
        page.get_by_role("button", name="Mark all as read").click()
        expect(bell).to_have_accessible_name("Notifications, none unread")


def test_nobody_else_hears_of_it(chromium, alice, launch, work):
    with web_process() as web, window(chromium, web, alice) as page:
        show(page, "/t/lab/operations/")
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/bell/" in request.url else None)
        launch()
        work()
        expect(page.get_by_role("rowheader", name="Launch")).to_be_visible()
        expect(page.locator(".st-done")).to_be_visible()
        assert asked == []


@pytest.mark.parametrize(("theme", "size"), [("light", WIDE), ("dark", NARROW)], ids=["light-wide", "dark-narrow"])
def test_each_state_of_a_timeline_fits_and_is_clean(chromium, bob, alice, as_bob, launch, work, faults, size, theme):
    for number in range(3):
        launch(f"{LONG}-{number}")
        work()
    faults.end_in_error("No valid host was found.", times=1)
    failed = launch("fails-" + LONG)
    work()
    faults.never_finish()
    launch("hangs-" + LONG)
    run.advance(newest().pk)
    running = newest()
    with web_process() as web, window(chromium, web, bob, viewport=size, color_scheme=theme) as page:
        name = f"{theme}-{size['width']}"
        for what, path in (
            ("running", f"/t/lab/operations/{running.pk}/"),
            ("failed", f"/t/lab/operations/{Operation.objects.get(target_id=failed.pk).pk}/"),
            ("instance", f"/t/lab/instances/{failed.pk}/"),
            ("list", "/t/lab/operations/"),
        ):
            show(page, path)
            check(page, f"{what}-{name}")
        Operation.objects.filter(pk=running.pk).update(slow_at=timezone.now() - timedelta(minutes=7))
        show(page, f"/t/lab/operations/{running.pk}/")
        expect(page.get_by_text("Stuck for 7 min.")).to_be_visible()
        page.locator("summary").last.click()
        check(page, f"stuck-{name}")
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_role("button", name="Cancel and roll back")).to_be_visible()
        check(page, f"question-{name}")
        page.keyboard.press("Escape")
        show(page, "/t/lab/operations/?show=stuck")
        check(page, f"list-stuck-{name}")
        actions.cancel(as_bob, newest().pk)
        show(page, f"/t/lab/operations/{running.pk}/")
        check(page, f"cancelled-{name}")
        page.locator("#bell-button").click()
        check(page, f"bell-{name}")
        show(page, "/t/lab/operations/bell/")
        check(page, f"bell-page-{name}")


def check(page, name):
    """It fits its window, and axe finds nothing."""
    picture(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    assert page.evaluate(
        "[...document.querySelectorAll('dialog, [popover]')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    assert violations(page) == [], name


def test_resuming_by_keyboard_is_seen_without_a_reload(chromium, bob, launch, work, faults):
    faults.fail("Refused", reason="capacity", call="create", times=1)
    launch()
    work()
    with web_process() as web, window(chromium, web, bob) as page:
        show(page, f"/t/lab/operations/{newest().pk}/")
        page.get_by_role("button", name="Resume").press("Enter")
        expect(page.locator(".head .st-queued")).to_be_visible()
        work()
        expect(page.locator(".head .st-done")).to_be_visible()
        expect(page.get_by_text("bob resumed it.")).to_be_visible()


def test_rolling_back_from_the_instances_page_asks_first(chromium, bob, launch, work, faults):
    faults.end_in_error("No valid host was found.", times=1)
    instance = launch()
    work()
    with web_process() as web, window(chromium, web, bob) as page:
        show(page, f"/t/lab/instances/{instance.pk}/")
        page.get_by_role("link", name="Roll back").press("Enter")
        page.get_by_role("button", name="Roll back").click()
        expect(page.get_by_text("Rolling back").first).to_be_visible()
        work()
        expect(page.get_by_text("This instance was deleted at")).to_be_visible(timeout=20_000)
