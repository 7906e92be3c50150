"""Linking what exists, in a browser: chosen, looked at, gone back from, and confirmed."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.tasks import fetch
from dashboard.operations.models import Operation
from tests.chromium import picture, window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()


def complaints_of(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html)[0]))")
    return [one for one in found if not one.startswith("region")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_project_is_looked_at_before_it_is_linked(chromium, placed, lab, root, fake_path, scheme):
    place_id = outside.make_place(str(fake_path), name="grown")
    outside.make_instance(str(fake_path), place_id=place_id, name="by-hand")
    fetch(str(placed.pk), "places")
    with web_process() as web, window(chromium, web, root, color_scheme=scheme) as page:
        page.goto(f"/clouds/{placed.pk}/tenants/lab/")
        page.get_by_label("Project", exact=True).select_option(place_id)
        page.get_by_role("button", name="Look at the project").click()
        expect(page.get_by_role("heading", name="Link the project grown to Lab?")).to_be_visible()
        expect(page.get_by_text("A worker is looking.")).to_be_visible()
        fetch(str(placed.pk), "place", place_id)
        expect(page.get_by_text("One instance appears in Lab")).to_be_visible()
        assert complaints_of(page) == []
        picture(page, f"place-link-{scheme}")
        page.get_by_role("button", name="Look again").click()
        expect(page.get_by_role("button", name="Looking…")).to_be_visible()
        page.get_by_role("link", name="Back").click()
        expect(page.get_by_label("Project", exact=True)).to_have_value(place_id)
        page.get_by_role("button", name="Look at the project").click()
        page.get_by_role("button", name="Link project grown").click()
        expect(page.get_by_role("heading", name="Link the tenant's place")).to_be_visible()
        assert Operation.objects.get().arguments["place_id"] == place_id


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_list_of_tenants_fits_and_is_narrowed(chromium, placed, lab, other, root, scheme, width):
    long = {"remote_id": "0123456789abcdef" * 4, "remote_name": "a-project-with-a-long-name-" * 4}
    placed.accounts.create(tenant=lab, sealed="x", **long)
    size = {"width": width, "height": 800}
    with web_process() as web, window(chromium, web, root, color_scheme=scheme, viewport=size) as page:
        page.goto(f"/clouds/{placed.pk}/tenants/")
        expect(page.get_by_role("link", name="Other", exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints_of(page) == []
        picture(page, f"places-{scheme}-{width}")
        page.get_by_role("link", name="There", exact=True).click()
        expect(page.get_by_role("link", name="Other", exact=True)).to_have_count(0)
        expect(page.get_by_role("link", name="Lab", exact=True)).to_be_visible()
