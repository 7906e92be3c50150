"""The pages of consoles in a browser, under the real Content-Security-Policy."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.clouds.interface import Status
from dashboard.instances.models import Instance
from tests.chromium import window
from tests.web import wait_until

pytestmark = [pytest.mark.browser]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()


@pytest.fixture
def serial(web, bob, instance, chromium):
    with window(chromium, web, bob) as page:
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


def test_two_windows_share_one_line_and_say_who_is_there(serial, tab, alice):
    expect(state(serial)).to_have_text("Connected")
    other = tab(alice).open()
    expect(serial.locator("#company")).to_have_text("With you: alice")
    other.type(b"from alice")
    expect(rows(serial)).to_contain_text("from alice")
    other.close()
    expect(serial.locator("#company")).to_have_text("")


def test_a_second_window_shows_what_was_there_and_types_nothing_by_itself(serial, web, bob, instance, chromium, tab):
    """The guest asked the terminal what it is; who comes later must not answer that again."""
    log_in(serial)
    type_line(serial, "echo \x1b[c\x1b[6n before")
    with window(chromium, web, bob) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/serial/")
        expect(rows(page)).to_contain_text("before")
        shown = rows(page).inner_text()
        page.wait_for_timeout(500)
        assert rows(page).inner_text() == shown


@pytest.mark.parametrize(
    ("idle", "longest", "said"),
    [
        (40, 1000, re.compile(r"closes in 0:[34]\d: type something to keep it")),
        (1000, 40, re.compile(r"closes in 0:[34]\d at the limit; reconnect to go on")),
        (1000, 9000, "closes in 17 min"),
        (8000, 9000, "closes in 3 h"),
        (200, 9000, re.compile(r"closes in 3:[12]\d$")),
    ],
)
def test_the_nearer_limit_is_shown_and_stands_out_in_the_last_minute(serial, settings, idle, longest, said):
    settings.CONSOLE_IDLE_S, settings.CONSOLE_MAX_S = idle, longest
    serial.reload()
    expect(serial.locator("#time-left")).to_have_text(said)
    is_near = min(idle, longest) <= 60
    expect(serial.locator("#time-left-said")).to_have_text(said if is_near else "")


def test_a_screen_is_shared_or_taken_over_and_taken_back(web, bob, alice, instance, chromium, screen):
    with (
        window(chromium, web, bob, allowed=("409 (Conflict)",)) as his,
        window(chromium, web, alice, allowed=("409 (Conflict)",)) as hers,
    ):
        his.goto(f"/t/lab/instances/{instance.pk}/console/")
        expect(state(his)).to_have_text("Connected")
        hers.goto(f"/t/lab/instances/{instance.pk}/console/")
        expect(hers.locator("#choice-who")).to_contain_text("bob has had it open")
        hers.get_by_role("button", name="Share").click()
        expect(state(hers)).to_have_text("Connected")
        expect(his.locator("#company")).to_have_text("With you: alice")
        hers.reload()
        hers.get_by_role("button", name="Take over").click()
        expect(state(his)).to_have_text(re.compile(r"Taken over by alice at \d\d:\d\d\."))
        expect(state(hers)).to_have_text("Connected")
        his.get_by_role("button", name="Reconnect").click()
        his.get_by_role("button", name="Take over").click()
        expect(state(hers)).to_have_text(re.compile(r"Taken over by bob at "))
        hers_screen = hers.locator("#screen canvas")
        assert hers_screen.count() == 0
        his.locator("#screen canvas").click()
        his.keyboard.press("k")
        his.get_by_role("button", name="Ctrl-Alt-Del").click()
        wait_until(lambda: {ord("k"), 0xFFFF} <= set(screen.keys))


def test_of_too_many_consoles_one_is_closed_right_there(web, bob, instance, chromium, tab, settings):
    settings.CONSOLES_PER_USER = 1
    other = tab(bob).open()
    with window(chromium, web, bob, allowed=("429",)) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/serial/")
        expect(state(page)).to_contain_text("You have 1 console open")
        page.get_by_role("button", name="Close the console of web-1").click()
        assert other.ended()[0] == 4409
        expect(page.locator("#too-many")).to_contain_text("No console is open")
        page.get_by_role("button", name="Reconnect").click()
        expect(state(page)).to_have_text("Connected")


def test_it_says_that_the_instance_stopped_and_why_it_cannot_reconnect(web, bob, instance, chromium):
    with window(chromium, web, bob, allowed=("409 (Conflict)",)) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/serial/")
        expect(state(page)).to_have_text("Connected")
        Instance.objects.update(status=Status.SHUTOFF)
        expect(state(page)).to_have_text("Closed: the status of the instance is Stopped now.")
        page.get_by_role("button", name="Reconnect").click()
        expect(state(page)).to_have_text("Not connected. Not possible while its status is Stopped.")


def test_a_cloud_without_screens_says_so(web, bob, instance, chromium):
    with window(chromium, web, bob, allowed=("409 (Conflict)",)) as page:
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
def test_it_fits_its_window(web, bob, instance, chromium, width):
    Instance.objects.update(name="x" * 255)
    with window(chromium, web, bob, viewport={"width": width, "height": 780}) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/serial/")
        expect(state(page)).to_have_text("Connected")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator("#screen").bounding_box()
        assert box["height"] > 250
        assert box["y"] + box["height"] <= 780


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", ["serial", "console"])
def test_it_keeps_nobody_out(web, bob, instance, chromium, name, colours):
    allowed = ("409 (Conflict)",)  # the fake cloud has no screens
    with window(chromium, web, bob, allowed=allowed, color_scheme=colours, bypass_csp=True) as page:
        page.goto(f"/t/lab/instances/{instance.pk}/{name}/")
        expect(state(page)).not_to_have_text("Connecting…")
        page.add_script_tag(content=AXE)
        assert violations(page) == []
        page.get_by_role("button", name="Paste").click()
        assert violations(page) == []


def violations(page) -> list[str]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
