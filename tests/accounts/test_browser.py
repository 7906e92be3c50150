"""One's account in a real browser: a passkey is made and signs in, nobody is shut out, and a phone has room."""

import pytest
from playwright.sync_api import expect

from dashboard.audit.models import Entry
from tests.chromium import window
from tests.conftest import PASSWORD
from tests.trail.test_browser import complaints_of
from tests.web import web_process

from .conftest import give_app, give_codes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CAN = ("hasResidentKey", "hasUserVerification", "isUserVerified", "automaticPresenceSimulation")
AUTHENTICATOR = {"protocol": "ctap2", "transport": "internal"} | dict.fromkeys(CAN, True)


@pytest.fixture
def web(bob):
    with web_process() as address:
        yield address.replace("127.0.0.1", "localhost")  # an address made of numbers has no passkeys


def sign_in(page, name="bob"):
    page.goto("/accounts/login/")
    page.get_by_label("Username or email").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#user-menu")).to_have_count(1)


def plug_in(page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def test_a_passkey_is_added_signs_in_alone_proves_and_is_removed(chromium, web, bob):
    context = chromium.new_context(base_url=web)
    page = context.new_page()
    plug_in(page)
    sign_in(page)
    page.goto("/accounts/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Save your recovery codes")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert len(saved.value.path().read_text().split()) == 20
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("#user-menu")).to_have_count(1)
    page.goto("about:blank")  # an answer still on its way would bring the old page's CSRF cookie back
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("Username or email").fill("bob")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("#user-menu")).to_have_count(1)
    page.goto("/accounts/")
    expect(page.get_by_text("Work laptop")).to_be_visible()
    page.get_by_role("link", name="Remove Work laptop").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You have no second factor")).to_be_visible()
    added = Entry.objects.get(verb="user.passkey-add")
    assert (added.actor, added.after) == ("bob", {"name": "Work laptop"})
    with_what = Entry.objects.filter(verb="user.sign-in").order_by("pk").values_list("after", flat=True)
    assert [one["with"] for one in with_what] == [["password"], ["webauthn"], ["password", "webauthn"]]
    context.close()


def test_what_the_browser_refuses_is_said_in_words(chromium, web, bob):
    with window(chromium, web.replace("localhost", "127.0.0.1"), bob) as page:
        page.context.clear_cookies()
        page.goto("/accounts/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator("[data-problem]")).to_contain_text("An address made of numbers is none.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out_and_nothing_sticks_out(chromium, web, bob, scheme, width):
    give_app(bob)
    give_codes(bob)
    context = chromium.new_context(base_url=web, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    for path in ("login/", "", "prove/?next=/accounts/", "profile/", "password/", "recovery-codes/"):
        if path == "":
            bob.authenticator_set.all().delete()
            sign_in(page)
            give_app(bob)
            give_codes(bob)
        page.goto(f"/accounts/{path}")
        assert complaints_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
