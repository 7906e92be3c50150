"""What one may do here, in a real browser: readable in light, dark and on a phone, for everybody."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.chromium import picture, window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
VIEWS = [(1280, "light"), (1280, "dark"), (390, "light")]


def test_a_reader_sees_what_is_missing_from_the_menu(chromium, lab, cloud, rita, alice):
    with web_process() as web:
        for width, scheme in VIEWS:
            with window(chromium, web, rita, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
                page.goto("/t/lab/")
                page.get_by_role("button", name="rita").click()
                page.get_by_role("link", name="What may I do here?").click()
                expect(page.get_by_text("Roles are given by alice.")).to_be_visible()
                picture(page, f"abilities-{scheme}-{width}")
                assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                page.evaluate(AXE)
                assert page.evaluate("axe.run().then(r => r.violations.map(v => v.id))") == []
