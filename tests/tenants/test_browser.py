"""The administrator's pages of tenants in a browser: made, disabled, looked at small and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboard.quotas.models import Quota
from dashboard.tenancy.models import Tenant
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_tenant_is_made_disabled_and_asked_to_be_deleted(chromium, lab, other, root, tmp_path: Path):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=17)
    Tenant.objects.create(slug="long", name="Wissenschaftszentrum für angewandte Hochleistungsrechenverfahren " * 2)
    with web_process() as web, window(chromium, web, root) as page:
        page.goto(f"{web}/tenants/create/")
        page.get_by_role("textbox", name="Name", exact=True).press_sequentially("Café Nord")
        expect(page.get_by_role("textbox", name="Short name")).to_have_value("cafe-nord")
        page.screenshot(path=tmp_path / "create.png", full_page=True)
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_role("heading", level=1, name="Café Nord")).to_be_visible()
        page.get_by_role("link", name="Disable").click()
        page.get_by_role("textbox", name="Reason").fill("The bill of May is open")
        page.screenshot(path=tmp_path / "disable.png")
        page.get_by_role("button", name="Disable").click()
        expect(page.get_by_text("The bill of May is open")).to_be_visible()
        page.screenshot(path=tmp_path / "detail.png", full_page=True)
        page.goto(f"{web}/t/cafe-nord/")
        expect(page.get_by_text("This tenant is disabled.")).to_be_visible()
        page.screenshot(path=tmp_path / "banner.png")
        page.goto(f"{web}/tenants/")
        expect(page.get_by_role("rowheader", name="Lab")).to_be_visible()
        page.screenshot(path=tmp_path / "list.png")
        page.goto(f"{web}/tenants/lab/delete/")
        page.screenshot(path=tmp_path / "delete.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 800})
        page.emulate_media(color_scheme="dark")
        for name, path in {"list": "", "detail": "cafe-nord/", "delete": "lab/delete/"}.items():
            page.goto(f"{web}/tenants/{path}")
            page.screenshot(path=tmp_path / f"{name}-390-dark.png", full_page=True)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390, f"{name} is {width} wide"


def test_no_column_is_cut_off_by_long_names(chromium, lab, root):
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=102400, used=66560)
    Tenant.objects.filter(pk=lab.pk).update(name="Wissenschaftszentrum für angewandte Rechenverfahren", slug="w" * 60)
    with web_process() as web, window(chromium, web, root) as page:
        page.goto(f"{web}/tenants/")
        expect(page.get_by_text("65 GiB of 100 GiB")).to_be_visible()
        assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('#live .scroll'))")
