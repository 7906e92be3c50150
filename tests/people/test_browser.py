"""The pages of people in a real browser: at the keyboard, on a phone, in the dark, and for everybody."""

import os

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from dashboard.accounts.models import User
from dashboard.people import invitations
from dashboard.people.models import Invitation
from dashboard.tenancy.models import Membership, Role, Tenant
from tests.chromium import window
from tests.conftest import actor_of, make_user
from tests.web import web_process

from .conftest import links

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
LONG = "maximiliane.von-und-zu-hohenstein-altenburg.extraordinarily-long"


def complaints_of(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html)[0]))")
    return [one for one in found if not one.startswith("region")]


def picture(page, name):
    """Kept where a folder for them is named."""
    if folder := os.environ.get("SKYDECK_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def many(lab, alice, bob, rita):
    User.objects.filter(pk=bob.pk).update(first_name="Robert", last_name="Tables")
    long = make_user(LONG, lab, Role.MEMBER, first_name="Maximiliane", last_name="von und zu Hohenstein-Altenburg")
    make_user("gone", lab, Role.READER, is_active=False)
    addresses = ["dora@example.org", f"{LONG}@somewhere.example.org"]
    invitations.invite(actor_of(alice, lab), addresses, role=Role.MEMBER)
    Invitation.objects.filter(email="dora@example.org").update(expires_at=timezone.now())
    return long


def test_a_manager_changes_a_role_and_removes_somebody_at_the_keyboard(chromium, many, alice, bob, lab):
    with web_process() as web, window(chromium, web, alice) as page:
        page.goto("/t/lab/people/")
        page.get_by_role("link", name="Change the role of bob").press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading")).to_have_text("Role of bob")
        dialog.get_by_label("Reader").check()
        dialog.get_by_role("button", name="Save").press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator("#toasts")).to_contain_text("bob is Reader now.")
        row = page.locator("tr", has_text="bob@example.org")
        expect(row).to_contain_text("Reader")
        page.get_by_role("link", name="Remove bob").click()
        dialog.get_by_role("button", name="Remove").click()
        expect(row).to_have_count(0)
        expect(page.get_by_role("link", name="Change the role of alice")).to_have_attribute("aria-disabled", "true")
    assert not Membership.objects.filter(user=bob).exists()


def test_somebody_is_invited_comes_in_and_is_there(chromium, lab, alice, mailoutbox):
    with web_process() as web:
        with window(chromium, web, alice) as page:
            page.goto("/t/lab/people/")
            page.get_by_role("link", name="Invite people").click()
            page.get_by_label("Email addresses").fill("dora@example.org")
            page.get_by_label("Reader").check()
            page.get_by_role("button", name="Send").click()
            expect(page.get_by_text("1 invitation is on its way.")).to_be_visible()
            expect(page.locator(".invited-list")).to_contain_text("good for 7 d")
        context = chromium.new_context(base_url=web)
        page = context.new_page()
        page.goto(links(mailoutbox)[0])
        expect(page.get_by_label("Username")).to_have_value("dora")
        picture(page, "people-invitation")
        assert complaints_of(page) == []
        page.get_by_label("Password").fill("eleven small oranges")
        page.get_by_role("button", name="Make the account and join").click()
        expect(page.get_by_role("heading", name="Lab")).to_be_visible()
        context.close()
    assert Membership.objects.get(user__username="dora").role == Role.READER


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out_and_nothing_sticks_out(chromium, many, alice, rita, scheme, width):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    mine = Membership.objects.get(user=many).pk
    with web_process() as web, window(chromium, web, alice, **view) as page:
        for name, path in (
            ("members", ""),
            ("invite", "invite/"),
            ("role", f"{mine}/role/"),
            ("remove", f"{mine}/remove/"),
        ):
            page.goto(f"/t/lab/people/{path}")
            picture(page, f"people-{name}-{scheme}-{width}")
            assert complaints_of(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nor_is_an_administrator_of_the_users(chromium, many, root, scheme, width):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with web_process() as web, window(chromium, web, root, **view) as page:
        pages = {"users": "", "user": f"{many.pk}/", "disable": f"{many.pk}/disable/", "invite-user": "invite/"}
        for name, path in pages.items():
            page.goto(f"/users/{path}")
            picture(page, f"people-{name}-{scheme}-{width}")
            assert complaints_of(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_account_is_disabled_in_a_dialog_that_wants_a_reason(chromium, many, root):
    with web_process() as web, window(chromium, web, root, allowed=("status of 422",)) as page:
        page.goto(f"/users/{many.pk}/")
        page.get_by_role("link", name="Disable").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Disable").click()
        expect(dialog.get_by_text("This field is required.")).to_be_visible()
        dialog.get_by_label("Reason").fill("Left the company")
        dialog.get_by_role("button", name="Disable").click()
        expect(page.get_by_text("Left the company")).to_be_visible()


def test_a_tenant_is_found_while_its_name_is_typed(chromium, bob, root, other):
    Tenant.objects.update(name="Physics")
    with web_process() as web, window(chromium, web, root) as page:
        page.goto(f"/users/{bob.pk}/")
        field = page.get_by_role("combobox", name="Tenant", exact=True)
        field.fill("phys")
        options = page.locator(".tenant-picks [role=option]")
        expect(options).to_have_count(2)
        picture(page, "people-tenant-picks")
        assert complaints_of(page) == []
        field.press("ArrowDown")
        field.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        field.press("Enter")
        expect(field).to_have_value("other")
        expect(options.first).to_be_hidden()
        page.get_by_role("button", name="Add").click()
        expect(page.locator("#main")).to_contain_text("bob is Member of Physics now.")
