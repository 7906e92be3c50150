"""The operations of all tenants in a browser: ticked, asked, told; and the menu of the pages of administrators."""

import pytest
from django.utils import timezone

from dashboard.instances import actions
from dashboard.operations.models import Operation, State
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_several_are_cancelled_in_the_list_and_it_fits_a_phone(chromium, launch, work, as_bob, root):
    instances = [launch("web-1"), launch("a-very-long-name-of-an-instance-that-goes-on-and-on-" + "x" * 60)]
    work()
    for instance in instances:
        actions.change(as_bob, instance.pk, "stop")
    Operation.objects.filter(target_name="web-1", kind="instance.launch").update(
        state=State.FAILED, error_code="deadline", finished_at=timezone.now()
    )
    with web_process() as web, window(chromium, web, root) as page:
        page.goto(f"{web}/operations/")
        page.get_by_label("Select Stop web-1").check()
        page.get_by_label("Select Stop a-very-long").check()
        page.locator("#bulk").get_by_role("button", name="Cancel").click()
        page.get_by_role("heading", name="Cancel: 2 of 2").wait_for()
        page.get_by_role("button", name="Cancel: 2").click()
        page.get_by_role("heading", name="Cancel: done for 2 of 2").wait_for()
        page.get_by_role("link", name="Close").click()
        page.locator("td.state-cell", has_text="Cancelled").first.wait_for()
        page.set_viewport_size({"width": 390, "height": 800})
        page.get_by_role("button", name="Administration").click()
        menu = page.locator("#admin-menu")
        menu.get_by_role("link", name="Quotas").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        menu.get_by_role("link", name="Quotas").click()
        page.get_by_role("heading", name="Quotas", exact=True).wait_for()
    assert not Operation.objects.open().exists()


def test_the_tenant_is_found_while_one_types_it(chromium, launch, work, root, other):
    launch("web-1")
    work()
    with web_process() as web, window(chromium, web, root) as page:
        page.goto(f"{web}/operations/")
        field = page.get_by_role("combobox", name="Tenant")
        field.press_sequentially("oth")
        page.get_by_role("option", name="Other").click()
        assert field.input_value() == "other"
        field.press("Enter")
        page.get_by_role("heading", name="Nothing of that kind").wait_for()
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(f"{web}/operations/?tenant=nowhere")
        page.get_by_text("There is no tenant “nowhere”.").wait_for()
        field.fill("la")
        page.get_by_role("option", name="Lab").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
