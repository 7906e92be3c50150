"""The search in a browser, by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.chromium import window
from tests.consoles.test_pages import AXE, violations
from tests.web import web_process

pytestmark = [pytest.mark.browser]
REPLACED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx complains of when a newer request takes the place of an older one, as it should."""


@pytest.fixture
def shown(transactional_db, rita, launch, settings, chromium):
    for name in ("web-1", "web-2", "db-1"):
        launch(name)
    with web_process() as address:
        settings.ORIGINS = [address]
        with window(chromium, address, rita, allowed=REPLACED) as page:
            page.goto("/t/lab/instances/")
            yield page


def dialog(page):
    return page.locator("#search-dialog")


def option(page, name):
    return page.locator("#search-list [role=option]", has_text=name)


@pytest.mark.parametrize("keys", ["Control+k", "Meta+k", "/"])
def test_the_keyboard_alone_finds_and_opens(shown, keys):
    shown.get_by_role("link", name="Search").focus()
    shown.keyboard.press(keys)
    shown.keyboard.type("web")
    expect(option(shown, "web-2").first).to_have_attribute("aria-selected", "true")
    shown.keyboard.press("ArrowDown")
    expect(shown.locator("#search-q")).to_have_attribute("aria-activedescendant", "search-instances-2")
    expect(option(shown, "web-1").first).to_have_attribute("aria-selected", "true")
    shown.keyboard.press("ArrowDown")  # into the next group
    expect(shown.locator("#search-q")).to_have_attribute("aria-activedescendant", "search-operations-1")
    shown.keyboard.press("ArrowUp")
    shown.keyboard.press("Enter")
    expect(shown).to_have_url(re.compile(r"/instances/[-0-9a-f]{36}/$"))
    expect(shown.get_by_role("heading", name="web-1")).to_be_visible()


def test_enter_pressed_before_the_answer_opens_what_the_answer_finds(shown):
    shown.keyboard.press("/")
    shown.keyboard.type("db-1")
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("heading", name="db-1")).to_be_visible()


def test_escape_closes_and_gives_the_focus_back(shown):
    shown.get_by_label("Filter").first.focus()
    shown.keyboard.type("a/b")  # the field's own keys
    expect(dialog(shown)).not_to_be_visible()
    shown.keyboard.press("Control+k")
    expect(shown.locator("#search-q")).to_be_focused()
    shown.keyboard.press("Escape")
    expect(dialog(shown)).not_to_be_visible()
    expect(shown.get_by_label("Filter").first).to_be_focused()


def test_a_late_answer_never_overwrites_a_newer_one(shown):
    def slowly(route):
        if "q=web&" in route.request.url + "&":
            shown.wait_for_timeout(600)
        route.continue_()

    shown.route("**/search/?q=*", slowly)
    shown.keyboard.press("/")
    shown.keyboard.type("web")
    shown.wait_for_timeout(250)
    shown.locator("#search-q").fill("db")
    expect(option(shown, "db-1").first).to_be_visible()
    shown.wait_for_timeout(800)
    expect(option(shown, "web-1")).to_have_count(0)


def test_without_javascript_it_is_a_page(transactional_db, rita, launch, chromium, settings):
    launch("web-1")
    with web_process() as address:
        settings.ORIGINS = [address]
        with window(chromium, address, rita, java_script_enabled=False) as page:
            page.goto("/t/lab/instances/")
            page.get_by_role("link", name="Search").click()
            page.locator("main").get_by_label("Search everything").fill("web")
            page.keyboard.press("Enter")
            page.locator("main").get_by_role("link", name="web-1").first.click()
            expect(page.get_by_role("heading", name="web-1")).to_be_visible()


@pytest.mark.parametrize(("width", "colours"), [(390, "dark"), (1280, "light")])
def test_it_keeps_nobody_out_and_fits(transactional_db, rita, launch, chromium, settings, width, colours):
    launch("x" * 255)
    with web_process() as address:
        settings.ORIGINS = [address]
        size = {"width": width, "height": 780}
        with window(chromium, address, rita, viewport=size, color_scheme=colours, bypass_csp=True) as page:
            page.goto("/t/lab/search/?q=xx")
            page.add_script_tag(content=AXE)
            assert violations(page) == []
            page.keyboard.press("Control+k")
            page.keyboard.type("xx")
            expect(page.locator("#search-list [role=option]").first).to_be_visible()
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
