"""The list of quotas in a browser: a limit is changed in its row."""

import pytest
from playwright.sync_api import expect

from dashboard.quotas.models import Quota
from dashboard.tenancy.models import Tenant
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_limit_is_changed_in_its_row_and_the_keyboard_goes_on_there(chromium, lab, other, root):
    with web_process() as web, window(chromium, web, root, allowed=("status of 422",)) as page:
        page.goto(f"{web}/quotas/?sort=-fill")
        page.get_by_role("link", name="Edit the limits of Lab").click()
        field = page.get_by_role("textbox", name="Instances")
        field.fill("ten")
        field.press("Enter")
        page.get_by_text("“ten” is not a whole number").wait_for()
        assert field.input_value() == "ten"
        field.fill("25")
        field.press("Enter")
        page.locator("tr.editing").wait_for(state="detached")
        page.get_by_text("1 limit of Lab is changed.").first.wait_for()
        assert "of 25" in page.locator(f"#t-{lab.pk}").inner_text()
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Edit the limits of Lab (lab)"
    assert Quota.objects.get(tenant=lab, resource="instances").limit == 25


def test_cancelling_shows_the_row_as_it_was_and_ticked_tenants_are_changed_together(chromium, lab, other, root):
    with web_process() as web, window(chromium, web, root) as page:
        page.goto(f"{web}/quotas/")
        assert not page.locator("#bulk").is_visible()
        page.get_by_role("link", name="Edit the limits of Other").click()
        page.locator("tr.editing").get_by_role("link", name="Cancel").click()
        page.locator("tr.editing").wait_for(state="detached")
        page.get_by_label("Select all on this page").check()
        page.get_by_text("2 selected").wait_for()
        page.get_by_label("Select Lab").uncheck()
        page.get_by_text("1 selected").wait_for()
        page.locator("thead").get_by_role("link", name="Instances").click()
        page.wait_for_url("**sort=-instances")
        expect(page.get_by_label("Select Other")).to_be_checked()  # once the list has settled
        page.get_by_role("button", name="Change limits").click()
        page.get_by_role("textbox", name="Instances").fill("12")
        page.get_by_role("button", name="Show what would change").click()
        page.get_by_role("button", name="Change one limit").click()
        page.get_by_text("1 limit is changed.").first.wait_for()
    assert Quota.objects.get(tenant=other, resource="instances").limit == 12


def test_on_a_phone_the_fullest_come_first_by_a_chip(chromium, lab, other, root):
    Quota.objects.filter(tenant=other, resource="vcpus").update(used=19)
    with web_process() as web, window(chromium, web, root, viewport={"width": 390, "height": 800}) as page:
        for path in ("/quotas/", "/tenants/"):
            page.goto(f"{web}{path}")
            assert page.locator("tbody tr .lead a").all_inner_texts() == ["Lab", "Other"]
            page.get_by_role("link", name="Fullest first").click()
            page.wait_for_url("**sort=-fill")
            assert page.locator("tbody tr .lead a").all_inner_texts() == ["Other", "Lab"]
            page.get_by_role("link", name="Fullest first").click()
            page.wait_for_url(f"{web}{path}*")
        page.set_viewport_size({"width": 1280, "height": 800})
        assert not page.get_by_role("link", name="Fullest first").is_visible()


def test_the_notice_leaves_the_bar_free_and_what_is_wrong_moves_all_meters_of_its_row(chromium, lab, other, root):
    Tenant.objects.bulk_create(Tenant(slug=f"t{n}", name=f"Team {n}") for n in range(30))
    with web_process() as web, window(chromium, web, root, allowed=("status of 422",)) as page:
        page.goto(f"{web}/quotas/")
        page.get_by_label("Select Other").check()
        page.get_by_role("link", name="Edit the limits of Lab").click()
        page.get_by_role("textbox", name="Instances").fill("ten and a half of them, please")
        page.get_by_role("textbox", name="Instances").press("Enter")
        page.get_by_text("is not a whole number").wait_for()
        tops = page.locator("tr.editing .so-far").evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
        assert tops[0] == tops[1]
        page.get_by_role("textbox", name="Instances").fill("25")
        page.get_by_role("textbox", name="Instances").press("Enter")
        notice = page.locator("#toasts .banner")
        notice.wait_for()
        notice, bar = notice.bounding_box(), page.locator("#bulk").bounding_box()
        assert notice["y"] + notice["height"] <= bar["y"]
