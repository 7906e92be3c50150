"""The files of a key in a browser: downloaded once, gone with a reload; and nobody is kept out."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.access.models import AccessKey
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()


def complaints(page) -> list[str]:
    page.evaluate(AXE)
    return [found["id"] for found in page.evaluate("axe.run()")["violations"]]


@pytest.mark.parametrize("javascript", [True, False], ids=["with", "without"])
def test_files_are_downloaded_once_and_a_reload_shows_them_no_more(chromium, bob, here, make, javascript):
    make(bob)
    with web_process() as web, window(chromium, web, bob, java_script_enabled=javascript) as page:
        page.goto(here())
        if javascript:
            assert complaints(page) == []
        page.get_by_role("button", name="Show it once: laptop").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        text = Path(download.value.path()).read_text()
        assert download.value.suggested_filename == "lab-pretend-fakerc.sh"
        assert "FAKE_KEY=" in text
        if javascript:
            assert complaints(page) == []
        page.reload()
        assert "FAKE_KEY=" not in page.content()
        page.get_by_role("link", name="Back to the keys").click()
        expect(page.get_by_text("In use")).to_be_visible()


def test_revoking_asks_in_a_dialog_and_the_row_says_so(chromium, bob, here, make, work):
    make(bob)
    with web_process() as web, window(chromium, web, bob) as page:
        page.goto(here())
        page.get_by_role("link", name="Revoke laptop").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", name="Revoke the key laptop?")).to_be_visible()
        assert complaints(page) == []
        dialog.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("Being ended", exact=True)).to_be_visible()
        work()
        page.reload()
        expect(page.get_by_role("heading", name="No keys yet")).to_be_visible()
    assert AccessKey.objects.get().revoked_at
