"""The charts in a real browser: drawn under the strict policy, refreshed in place, and open to everybody."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
DRAWN = "element => element.querySelector('canvas').getContext('2d').getImageData(0, 0, 2000, 600).data.some(Boolean)"


@pytest.fixture
def here(active, tell):
    tell(*range(75), since=timezone.now() - timedelta(minutes=75))
    return f"/t/lab/instances/{active.pk}/metrics/"


def test_a_refresh_draws_what_is_new_in_place_and_leaves_an_open_table_open(chromium, rita, here, tell):
    with web_process() as web, window(chromium, web, rita) as page:
        page.goto(here)
        chart = page.locator("#chart-cpu")
        expect(chart.locator("canvas")).to_have_count(1)
        assert chart.evaluate(DRAWN)
        page.locator("#table-cpu summary").press("Enter")
        chart.evaluate("element => { element.querySelector('canvas').isTheSame = true; }")
        tell(75.5, since=timezone.now() - timedelta(minutes=75), memory_used_mib=321)
        page.evaluate("htmx.trigger('#live', 'live-resync')")
        expect(page.locator("main")).to_contain_text("321 MiB")
        expect(page.locator("#table-cpu")).to_have_attribute("open", "")
        assert chart.evaluate("element => element.querySelector('canvas').isTheSame")
        expect(chart.locator("canvas")).to_have_count(1)


def test_all_charts_share_the_pointer_and_say_what_is_under_it(chromium, rita, here):
    with web_process() as web, window(chromium, web, rita) as page:
        page.goto(here)
        page.locator("#chart-cpu .u-over").hover()
        expect(page.locator("#chart-cpu .at")).to_contain_text("50 %")
        expect(page.locator("#chart-network .at")).to_contain_text("100 kB/s · 10 B/s")
        page.locator("h1").hover()
        expect(page.locator(".at")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_keeps_nobody_out(chromium, rita, here, theme, width):
    options = {"color_scheme": theme, "reduced_motion": "reduce", "viewport": {"width": width, "height": 844}}
    with web_process() as web, window(chromium, web, rita, **options) as page:
        for span in ("1h", "24h"):
            page.goto(f"{here}?range={span}")
            page.locator("#table-network summary").click()
            assert page.evaluate("document.documentElement.scrollWidth") == width
            page.evaluate(AXE)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(one["id"], one["nodes"][0]["failureSummary"]) for one in found] == []


def test_without_javascript_the_tables_say_it(chromium, rita, here):
    with web_process() as web, window(chromium, web, rita, java_script_enabled=False) as page:
        page.goto(here)
        expect(page.locator("#chart-cpu")).to_be_hidden()
        expect(page.get_by_text("The charts need JavaScript; the tables say the same.")).to_be_visible()
        page.locator("#table-cpu summary").click()
        expect(page.locator("#table-cpu tbody tr").first).to_contain_text("50 %")
