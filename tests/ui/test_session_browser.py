"""A session that ends under an open page: what somebody typed stays, and can be sent once they signed in again."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from dashboard.instances.models import Instance
from dashboard.live.publish import publish
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LAUNCH = "/t/lab/instances/launch/"
SIGN_IN = re.compile("/accounts/login/")
PASSWORD = "a password for this test"
ENDED = "Your session has ended. What you typed is still here."


@pytest.fixture
def page(chromium, bob, cloud, small):
    bob.set_password(PASSWORD)
    bob.save(update_fields=["password"])
    with web_process() as web, window(chromium, web, bob, allowed=("401 (Unauthorized)",)) as page:
        yield page


def fill_in(page):
    page.goto(LAUNCH)
    page.get_by_label("Image").select_option(label="Demo Linux")
    page.get_by_label("Flavor").select_option(label="small")
    page.get_by_label("Name", exact=True).fill("web")
    expect(page.locator("#explanation")).to_contain_text("It fits.")


def sign_in_again(page, bob):
    with page.expect_popup() as opened:
        page.locator("#live-state").get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.locator("#id_login").fill(bob.username)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    expect(tab).not_to_have_url(SIGN_IN)
    page.evaluate("dispatchEvent(new Event('focus'))")  # a window without a screen has it always


def test_what_is_typed_stays_and_is_sent_after_signing_in_in_another_tab(page, bob):
    fill_in(page)
    Session.objects.all().delete()
    page.get_by_label("Name", exact=True).press_sequentially("-1")
    expect(page.locator("#live-state")).to_contain_text(ENDED)
    expect(page.get_by_label("Name", exact=True)).to_have_value("web-1")
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page).to_have_url(re.compile(LAUNCH))
    sign_in_again(page, bob)
    expect(page.locator("#live-state")).to_be_hidden()
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page).to_have_url(re.compile("/t/lab/instances/$"))
    assert Instance.objects.get().name == "web-1"


def test_the_page_is_live_again_after_signing_in(page, bob):
    fill_in(page)
    Session.objects.all().delete()
    expect(page.locator("#live-state")).to_contain_text(ENDED, timeout=8000)
    sign_in_again(page, bob)
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def test_a_page_on_which_nothing_was_typed_becomes_the_sign_in_page(page, cloud, lab):
    page.goto("/t/lab/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    Session.objects.all().delete()
    publish(lab.pk, "clouds", object_id=cloud.pk)
    expect(page).to_have_url(SIGN_IN)
