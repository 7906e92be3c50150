"""The system's Chromium on the web process of a test (tests/web.py)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS, listen
from tests.web import cookie_of


@pytest.fixture
def browser(monkeypatch) -> Iterator[Browser]:
    # Playwright runs an event loop in this thread; the rows that a test makes beside it harm nobody
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    program = shutil.which("chromium")
    assert program, "this needs Debian's package chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def window(browser: Browser, web: str, user, *, allowed: tuple[str, ...] = (), **options) -> Iterator[Page]:
    """A signed-in window. Fails when the browser's console complains of anything but what is `allowed`."""
    context = browser.new_context(base_url=web, **{"viewport": {"width": 1280, "height": 800}} | options)
    name, _, value = cookie_of(user).partition("=")
    context.add_cookies([{"name": name, "value": value, "url": web}])
    page, complaints = context.new_page(), []
    listen(page, complaints)
    yield page
    context.close()
    unexpected = [text for text in complaints if not any(part in text for part in allowed)]
    assert not unexpected, unexpected
