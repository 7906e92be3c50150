"""The pages of consoles in a browser, under the real Content-Security-Policy."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.clouds.interface import Status
from dashboard.instances.models import Instance
from tests.chromium import browser, window  # noqa: F401

pytestmark = [pytest.mark.browser]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()


@pytest.fixture
def serial(web, bob, instance, browser):  # noqa: F811
    with window(browser, web, bob) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/serial/")
        yield page


def state(page):
    return page.locator("#console-state")


def rows(page):
    return page.locator(".xterm-rows")


def type_line(page, text):
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def log_in(page):
    expect(rows(page)).to_contain_text("login:")
    type_line(page, "demo")
    expect(rows(page)).to_contain_text("Password:")
    type_line(page, "secret")
    expect(rows(page)).to_contain_text("demo@")


def test_somebody_types_into_the_guest(serial):
    expect(state(serial)).to_have_text("Connected")
    log_in(serial)
    type_line(serial, "echo hello from here")
    expect(rows(serial)).to_contain_text(re.compile("hello from here.*hello from here", re.DOTALL))


def test_the_terminal_has_its_styles_under_the_strict_policy(serial):
    expect(state(serial)).to_have_text("Connected")
    height = serial.evaluate("getComputedStyle(document.querySelector('.xterm-rows > div')).height")
    assert 10 < float(height.removesuffix("px")) < 30
    colour = "getComputedStyle(document.querySelector('.xterm-rows')).color"
    assert serial.evaluate(colour) == "rgb(216, 222, 233)"
    assert serial.evaluate("document.querySelectorAll('style, .xterm [style=\"\"]').length") == 0


def test_a_guest_may_use_every_colour(serial):
    log_in(serial)
    type_line(serial, "echo \x1b[38;2;1;200;3mgreen\x1b[0m")
    green = serial.locator(".xterm-rows span", has_text=re.compile("^green$")).last
    expect(green).to_have_css("color", "rgb(1, 200, 3)")


def test_pasted_text_is_typed(serial):
    log_in(serial)
    serial.get_by_role("button", name="Paste").click()
    dialog = serial.get_by_role("dialog")
    dialog.get_by_label("Text").fill("echo first\necho second\n")
    dialog.get_by_role("button", name="Paste").click()
    expect(rows(serial)).to_contain_text(re.compile(r"echo second.*second", re.DOTALL))


def test_hostile_text_stays_text(serial):
    """Titles, links and markup of a guest change nothing outside of its own rectangle."""
    expect(state(serial)).to_have_text("Connected")
    title = serial.title()
    log_in(serial)
    for text in (
        "\x1b]0;owned\x07",
        "\x1b]2;owned\x07",
        "\x1b]52;c;b3duZWQ=\x07",
        "\x1b]8;;javascript:window.__pwned=1\x07link\x1b]8;;\x07",
        "<img src=x onerror=window.__pwned=1><script>window.__pwned=1</script>",
    ):
        type_line(serial, f"echo {text}")
    expect(rows(serial)).to_contain_text("<img src=x")
    serial.locator(".xterm-rows span", has_text=re.compile("^link$")).last.click(force=True)
    assert serial.title() == title
    assert serial.evaluate("window.__pwned") is None
    assert serial.locator(".xterm-rows img").count() == 0


def test_who_lost_it_to_somebody_reads_to_whom_and_takes_it_back(serial, tab, alice):
    expect(state(serial)).to_have_text("Connected")
    other = tab(alice).open()
    expect(state(serial)).to_have_text("Taken over by alice.")
    serial.get_by_role("button", name="Reconnect").click()
    expect(state(serial)).to_have_text("Connected")
    assert other.ended() == (4409, "Taken over by bob.")


def test_it_says_that_the_instance_stopped_and_why_it_cannot_reconnect(web, bob, instance, browser):  # noqa: F811
    with window(browser, web, bob, allowed=("409 (Conflict)",)) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/serial/")
        expect(state(page)).to_have_text("Connected")
        Instance.objects.update(status=Status.SHUTOFF)
        expect(state(page)).to_have_text("Closed: the status of the instance is Stopped now.")
        page.get_by_role("button", name="Reconnect").click()
        expect(state(page)).to_have_text("Not connected. Not possible while its status is Stopped.")


def test_a_cloud_without_screens_says_so(web, bob, instance, browser):  # noqa: F811
    with window(browser, web, bob, allowed=("409 (Conflict)",)) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/console/")
        expect(state(page)).to_have_text("Not connected. The cloud pretend cannot do this.")
        expect(page.get_by_role("button", name="Ctrl-Alt-Del")).to_be_visible()
        page.get_by_role("link", name="Serial console").click()
        expect(state(page)).to_have_text("Connected")


def test_coming_back_by_the_history_connects_again(serial):
    expect(state(serial)).to_have_text("Connected")
    serial.get_by_role("link", name="web-1").click()
    expect(serial).to_have_url(re.compile(r"/instances/[-0-9a-f]+/$"))
    serial.go_back()
    expect(state(serial)).to_have_text("Connected")
    expect(rows(serial)).to_contain_text("login:")


def test_the_keyboard_finds_a_way_out_of_the_guest(serial):
    log_in(serial)
    serial.keyboard.press("Tab")
    expect(serial.locator(".xterm-helper-textarea")).to_be_focused()
    serial.keyboard.press("Control+F6")
    expect(serial.get_by_role("button", name="Paste")).to_be_focused()
    serial.keyboard.press("Shift+Tab")
    expect(serial.get_by_role("link", name="web-1")).to_be_focused()


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_window(web, bob, instance, browser, width):  # noqa: F811
    Instance.objects.update(name="x" * 255)
    with window(browser, web, bob, viewport={"width": width, "height": 780}) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/serial/")
        expect(state(page)).to_have_text("Connected")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator("#screen").bounding_box()
        assert box["height"] > 250
        assert box["y"] + box["height"] <= 780


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", ["serial", "console"])
def test_it_keeps_nobody_out(web, bob, instance, browser, name, colours):  # noqa: F811
    allowed = ("409 (Conflict)",)  # the fake cloud has no screens
    with window(browser, web, bob, allowed=allowed, color_scheme=colours, bypass_csp=True) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/{name}/")
        expect(state(page)).not_to_have_text("Connecting…")
        page.add_script_tag(content=AXE)
        assert violations(page) == []
        page.get_by_role("button", name="Paste").click()
        assert violations(page) == []


def violations(page) -> list[str]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
