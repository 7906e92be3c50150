"""The system's Chromium on the web process of a test (tests/web.py)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.web import cookie_of

# as root, and without a network: Chromium's own services would log refused connections
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=20_000)  # what is to be seen, not how soon: the machine of the tests may be busy


@contextmanager
def launched() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "this needs Debian's package chromium"
    # Playwright runs an event loop in this thread; the rows that a test makes beside it harm nobody
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
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


def picture(page: Page, name: str) -> None:
    """A screenshot of the whole page, where SKYDECK_SCREENSHOTS names a folder."""
    if folder := os.environ.get("SKYDECK_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial", animations="allow")


GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")
"""What HTMX says of a request that the browser gave up, because the page was left while it was under way."""


def listen(page: Page, complaints: list[str]) -> None:
    """Everything that the page complains of on its console."""

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(GIVEN_UP):
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def shoot(page: Page, path: Path, **options: bool) -> None:
    """A screenshot without the style element that would hide the caret: our own policy refuses it, and says so."""
    page.screenshot(path=path, caret="initial", animations="allow", **options)
