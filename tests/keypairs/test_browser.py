"""A key pair made from within the launch form: shown once, saved, chosen; and nobody is kept out."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.keypairs.models import KeyPair
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
HEAD = "-----BEGIN OPENSSH PRIVATE KEY-----\n"


def generate(scope, name):
    scope.get_by_label("Name").fill(name)
    scope.get_by_role("button", name="Generate").click()


def complaints(page) -> list[str]:
    page.evaluate(AXE)
    return [found["id"] for found in page.evaluate("axe.run()")["violations"]]


def test_the_launch_form_has_a_new_key_pair_chosen_and_escape_does_not_lose_its_key(chromium, bob, cloud, small):
    with web_process() as web, window(chromium, web, bob) as page:
        page.goto("/t/lab/instances/launch/")
        page.get_by_label("Name", exact=True).fill("typed")
        page.get_by_role("link", name="Generate").click()
        dialog = page.get_by_role("dialog")
        generate(dialog, "fresh")
        expect(dialog.locator("#private-key")).to_have_value(re.compile(HEAD.strip()))
        assert complaints(page) == []
        page.keyboard.press("Escape")
        expect(dialog.locator("#private-key")).to_be_visible()
        dialog.get_by_role("link", name="I have saved it").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("#id_key_pair")).to_have_value(str(KeyPair.objects.get().pk))
        expect(page.get_by_label("Name", exact=True)).to_have_value("typed")


@pytest.mark.parametrize("javascript", [True, False], ids=["with", "without"])
def test_the_key_is_downloaded_once_and_a_reload_shows_it_no_more(chromium, bob, cloud, javascript):
    with web_process() as web, window(chromium, web, bob, java_script_enabled=javascript) as page:
        page.goto("/t/lab/key-pairs/generate/")
        generate(page, "web")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "web.pem"
        assert Path(download.value.path()).read_text().startswith(HEAD)
        page.reload()
        assert HEAD.strip() not in page.content()
    assert KeyPair.objects.count() == 1
