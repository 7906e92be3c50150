"""The tenant's button in the top bar, by keyboard and mouse."""

import pytest
from playwright.sync_api import expect

from dashboard.tenancy.models import Membership, Role, Tenant
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_keyboard_goes_from_the_section_of_one_tenant_to_that_of_another(chromium, bob, lab, tmp_path):
    tenants = Tenant.objects.bulk_create(Tenant(slug=f"t{n:02}", name=f"Team {n:02}") for n in range(40))
    arabic = Tenant.objects.create(slug="physics", name="قسم الفيزياء النظرية والتطبيقية في الجامعة")
    for tenant in (*tenants, arabic):
        Membership.objects.create(user=bob, tenant=tenant, role=Role.MEMBER)
    with web_process() as web, window(chromium, web, bob) as page:
        page.goto(f"{web}/t/lab/networks/")
        opener = page.get_by_role("button", name="Lab")
        opener.focus()
        page.keyboard.press("Enter")
        field = page.get_by_role("combobox", name="Find a tenant")
        expect(field).to_be_focused()
        options = page.locator("#tenant-options [role=option]")
        expect(options).to_have_count(21)
        page.screenshot(path=tmp_path / "switcher.png")
        page.keyboard.press("Escape")
        expect(page.locator("#tenant-menu")).to_be_hidden()
        expect(opener).to_be_focused()
        opener.click()
        expect(field).to_be_focused()
        field.fill("team 1")
        expect(options).to_have_count(13)  # those with a 1 anywhere come last
        page.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_url("**/t/t10/networks/")
        page.set_viewport_size({"width": 390, "height": 780})
        page.emulate_media(color_scheme="dark")
        page.goto(f"{web}/t/physics/")
        page.locator("#tenant-open").click()
        expect(page.locator("#tenant-options .found-kind").first).to_have_text("Lately")
        page.screenshot(path=tmp_path / "switcher-390-dark.png")
    print(tmp_path)
