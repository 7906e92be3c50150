"""Usage in a real browser: the bars are drawn, nobody is shut out, and a phone has room."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.tenancy.access import Administrator
from dashboard.usage import actions, rolling
from dashboard.usage.models import Counted
from dashboard.usage.reading import ONE_DAY, midnight
from tests.chromium import window
from tests.usage.conftest import PRICES, TODAY, span
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
LONG = "a-name-that-is-as-long-as-a-name-can-be-and-goes-on-beyond-the-edge-of-a-phone"


@pytest.fixture
def used(lab, other, root):
    first = TODAY - 34 * ONE_DAY
    Counted.objects.update_or_create(pk=1, defaults={"since_s": midnight(first), "rolled_until": first})
    for number in range(34):
        flavor = LONG if number % 3 else "m1.small"
        span(
            lab, day=first + number * ONE_DAY, end=3600 * (3 + number * 7 % 20), name=f"{LONG}-{number}", flavor=flavor
        )
        span(other, day=first + number * ONE_DAY, end=86400, vcpus=16, ram_mib=65536, disk_gib=800, name="big")
    actions.create(
        Administrator(user=root), valid_from=TODAY - 20 * ONE_DAY, currency="EUR", prices=PRICES, today=TODAY
    )
    actions.create(
        Administrator(user=root), valid_from=TODAY + 20 * ONE_DAY, currency="EUR", prices=PRICES, today=TODAY
    )
    rolling.roll_up()


@pytest.fixture
def web(used):
    with web_process() as address:
        yield address


def complaints_of(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html)[0]))")
    return [one for one in found if not one.startswith("region")]


def test_bars_are_drawn_and_days_are_chosen(chromium, web, rita):
    with window(chromium, web, rita, allowed=("status of 422",)) as page:
        page.goto("/t/lab/usage/?range=30-days")
        expect(page.locator(".u-over")).to_have_count(4)
        page.get_by_role("link", name="By instance").click()
        expect(page.locator("tbody .lead").first).to_contain_text("a-name")
        page.get_by_label("From").fill(str(TODAY))
        page.get_by_label("To").fill(str(TODAY - ONE_DAY))
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_text("This is after the last day")).to_be_visible()
        expect(page.get_by_label("From")).to_have_value(str(TODAY))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out_and_nothing_sticks_out(chromium, web, root, scheme, width, tmp_path):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    pages = {
        "day": "/t/lab/usage/?range=30-days",
        "flavor": "/t/lab/usage/?range=30-days&by=flavor",
        "instance": "/t/lab/usage/?range=30-days&by=instance",
        "wrong": "/t/lab/usage/?first=x&last=2026-01-01",
        "empty": "/t/lab/usage/?first=2024-01-01&last=2024-01-02&by=instance",
        "all": "/usage/?range=30-days&sort=-vcpus",
        "prices": "/usage/prices/",
        "new-prices": "/usage/prices/create/",
    }
    with window(chromium, web, root, allowed=("status of 422",), **view) as page:
        for name, address in pages.items():
            page.goto(address)
            if name in ("day", "flavor", "instance"):
                expect(page.locator(".u-over")).to_have_count(4)
            assert complaints_of(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            page.screenshot(path=tmp_path / f"{name}-{scheme}-{width}.png", full_page=True)
