"""The main job, end to end, with a real guest: launch, watch, consoles, stop, start, delete."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.chromium import shoot

from .conftest import libvirt_of

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.slow]
BOOT_MS = 180_000


def row(page: Page, name: str):
    return page.get_by_role("row").filter(has_text=name)


def launch(page: Page, name: str) -> None:
    page.goto("/t/demo/instances/launch/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Image").select_option(label="Demo Linux")
    page.get_by_label("Flavor").select_option(label="small")
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page).to_have_url(re.compile("/t/demo/instances/$"))


def verb(page: Page, name: str, label: str) -> None:
    row(page, name).get_by_role("button", name=f"Actions for {name}").click()
    menu = page.locator("[popover]:popover-open")
    menu.get_by_role("button", name=label, exact=True).click()


def hard_reboot(page: Page, name: str) -> None:
    """It asks first."""
    row(page, name).get_by_role("button", name=f"Actions for {name}").click()
    page.locator("[popover]:popover-open").get_by_role("link", name="Hard reboot").click()
    page.get_by_role("dialog").get_by_role("button", name="Hard reboot").click()


def terminal_text(page: Page) -> str:
    return page.locator(".xterm-rows").inner_text()


def wait_for_prompt(page: Page) -> None:
    """The guest answers with a login prompt once it is up."""
    expect(page.locator("body")).to_contain_text("Connected", timeout=20_000)
    end = time.monotonic() + BOOT_MS / 1000
    page.locator(".xterm").click()
    while "login:" not in terminal_text(page):
        assert time.monotonic() < end, terminal_text(page)
        page.keyboard.press("Enter")
        page.wait_for_timeout(1000)


def log_in_on_serial(page: Page) -> None:
    """demo, demo; and a sum that only a shell can know."""
    wait_for_prompt(page)
    page.keyboard.type("demo\n")
    page.wait_for_timeout(1500)
    page.keyboard.type("demo\n")
    page.wait_for_timeout(2500)
    page.keyboard.type("echo $((6*7))-$(hostname)\n")
    expect(page.locator(".xterm-rows")).to_contain_text("42-web-1", timeout=20_000)


def test_the_main_job(page: Page, skydeck, screenshots):
    page.get_by_role("link", name="Instances").first.click()
    page.get_by_role("link", name="Launch instance").click()
    page.get_by_label("Name", exact=True).fill("web-1")
    page.get_by_label("Image").select_option(label="Demo Linux")
    page.get_by_label("Flavor").select_option(label="small")
    expect(page.locator("#explanation")).to_contain_text("256 MiB")
    shoot(page, screenshots / "launch.png")
    asked = time.monotonic()
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(row(page, "web-1")).to_contain_text(re.compile("Building|Active"))
    expect(row(page, "web-1")).to_contain_text("Active", timeout=60_000)
    print(f"\nlaunch to Active: {time.monotonic() - asked:.1f} s")
    shoot(page, screenshots / "active.png")

    row(page, "web-1").get_by_role("link", name="Serial console").click()
    log_in_on_serial(page)
    print(f"launch to logged in on the serial console: {time.monotonic() - asked:.1f} s")
    shoot(page, screenshots / "serial.png")

    page.goto("/t/demo/instances/")
    row(page, "web-1").get_by_role("link", name="Console", exact=True).click()
    expect(page.locator("body")).to_contain_text("Connected", timeout=20_000)
    page.wait_for_timeout(2000)
    shoot(page, screenshots / "graphical.png")
    assert len(set(page.locator("canvas").screenshot())) > 20, "the screen of the guest is not empty"

    page.goto("/t/demo/instances/")
    verb(page, "web-1", "Stop")
    expect(row(page, "web-1")).to_contain_text("Stopping")
    expect(row(page, "web-1")).to_contain_text("Stopped", timeout=90_000)
    verb(page, "web-1", "Start")
    expect(row(page, "web-1")).to_contain_text("Active", timeout=60_000)
    hard_reboot(page, "web-1")
    expect(row(page, "web-1")).to_contain_text("Active", timeout=60_000)
    row(page, "web-1").get_by_role("link", name="Serial console").click()
    wait_for_prompt(page)  # a guest whose power was cut while it started starts again
    page.goto("/t/demo/instances/")

    row(page, "web-1").get_by_role("link", name="web-1").click()
    shoot(page, screenshots / "detail.png", full_page=True)
    page.get_by_role("link", name="Delete", exact=True).last.click()  # its timeline has one too
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("web-1")
    shoot(page, screenshots / "delete.png")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("web-1 is deleted in 10 min; restore it until then.")
    expect(page.locator(".head .st").first).to_have_text("Stopped", timeout=90_000)
    page.goto("/t/demo/instances/")
    expect(page.get_by_text("web-1", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Recently deleted").click()
    shoot(page, screenshots / "recently-deleted.png")
    page.get_by_role("button", name="Restore").click()
    page.goto("/t/demo/instances/")
    expect(row(page, "web-1")).to_contain_text("Active", timeout=60_000)

    row(page, "web-1").get_by_role("link", name="web-1", exact=True).click()
    expect(page.locator(".head .st").first).to_have_text("Active")
    page.locator("a.destroy").get_by_text("Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name="Delete now").click()
    expect(page.get_by_role("dialog")).to_contain_text("This cannot be undone.")
    page.get_by_role("dialog").get_by_role("button", name="Delete now").click()
    expect(page.locator("#live")).to_contain_text("Deleted", timeout=60_000)
    page.goto("/t/demo/instances/")
    expect(page.get_by_text("web-1", exact=True)).to_have_count(0)
    assert libvirt_of(skydeck).listAllDomains() == []


def test_a_change_behind_our_back_shows_in_the_open_list_without_moving_anything(page: Page, skydeck):
    launch(page, "web-2")
    expect(row(page, "web-2")).to_contain_text("Active", timeout=60_000)
    page.get_by_role("combobox", name="Filter").click()
    page.evaluate("window.scrollTo(0, 40)")
    before = page.evaluate("window.scrollY")
    domain = libvirt_of(skydeck).listAllDomains()[0]
    domain.destroy()
    changed = time.monotonic()
    expect(row(page, "web-2")).to_contain_text("Stopped", timeout=5_000)
    print(f"\nvirsh destroy to Stopped on the page: {time.monotonic() - changed:.2f} s")
    assert page.evaluate("window.scrollY") == before
    expect(page.get_by_role("combobox", name="Filter")).to_be_focused()
    verb(page, "web-2", "Start")
    expect(row(page, "web-2")).to_contain_text("Active", timeout=60_000)
    row(page, "web-2").get_by_role("button", name="Actions for web-2").click()
    menu = page.locator("[popover]:popover-open")
    expect(menu).to_be_visible()
    libvirt_of(skydeck).listAllDomains()[0].destroy()
    expect(row(page, "web-2")).to_contain_text("Stopped", timeout=5_000)
    expect(menu).to_be_visible()


def test_another_browser_sees_the_same_at_once(page: Page, chromium, skydeck):
    from .conftest import sign_in

    launch(page, "web-3")
    other = chromium.new_context(base_url=skydeck.url).new_page()
    sign_in(other)
    other.goto("/t/demo/instances/")
    expect(row(page, "web-3")).to_contain_text("Active", timeout=60_000)
    expect(row(other, "web-3")).to_contain_text("Active", timeout=2_000)
    hard_reboot(page, "web-3")
    expect(row(other, "web-3")).to_contain_text(re.compile("Rebooting|Active"))
    other.context.close()
