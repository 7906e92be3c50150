"""A real browser on a real stack: `manage.py up` in a home of its own, guests under its own libvirt.

Screenshots go to the folder SKYDECK_SCREENSHOTS, which `manage.py test` sets to `var/screenshots`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.chromium import listen
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a password for the tests only"


@dataclass
class Skydeck:
    """A running Skydeck: its address, its home, and how long it took to answer."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    started_in_s: float

    def log(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")


def start(home: Path, *, cloud: str) -> Skydeck:
    port = free_port()
    environment = {
        **os.environ,
        "SKYDECK_HOME": str(home),
        "SKYDECK_PORT": str(port),
        "SKYDECK_ADMIN_PASSWORD": PASSWORD,
        "SKYDECK_NO_BOOTSTRAP": "1",
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    for name in ("SKYDECK_DATABASE_URL", "SKYDECK_BROKER_URL", "SKYDECK_CACHE_URL"):
        environment.pop(name, None)
    began = time.monotonic()
    with (home / "up.log").open("ab") as log:
        command = [sys.executable, "manage.py", "up", "--yes", "--cloud", cloud]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    while not answers(url):
        if process.poll() is not None or time.monotonic() - began > 600:
            raise RuntimeError(f"Skydeck did not start:\n{(home / 'up.log').read_text()[-4000:]}")
        time.sleep(0.2)
    return Skydeck(url, home, process, time.monotonic() - began)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def stop(skydeck: Skydeck) -> None:
    """As Ctrl-C does it."""
    skydeck.process.send_signal(signal.SIGINT)
    skydeck.process.wait(timeout=40)


@pytest.fixture(scope="session")
def skydeck() -> Iterator[Skydeck]:
    """One for all journeys. At the end its guests are powered off through its own libvirt."""
    home = Path(tempfile.mkdtemp(prefix="sky-web-", dir="/tmp"))
    home.chmod(0o755)  # the guests' user must reach its folder in it
    try:
        running = start(home, cloud="libvirt")
        yield running
        power_off_guests(running)
        stop(running)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def libvirt_of(skydeck: Skydeck):
    import libvirt

    socket = next(iter((skydeck.home / "cloud").resolve().rglob("libvirt-sock")))
    return libvirt.open(f"qemu:///session?socket={socket}")


def power_off_guests(skydeck: Skydeck) -> None:
    """Until they stay off: a reboot that is still under way would start one again."""
    connection, end = libvirt_of(skydeck), time.monotonic() + 20
    last_active = time.monotonic()
    while time.monotonic() < min(end, last_active + 3):
        for domain in connection.listAllDomains():
            if domain.isActive():
                domain.destroy()
                last_active = time.monotonic()
        time.sleep(0.2)
    connection.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    folder = Path(os.environ.get("SKYDECK_SCREENSHOTS") or tempfile.mkdtemp(prefix="skydeck-screenshots-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"screenshots: {folder}")
    return folder


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said: errors of ours and violations of the content security policy."""
    return []


@pytest.fixture
def page(chromium, skydeck, complaints) -> Iterator[Page]:
    """A signed-in browser window. The test fails when the console complained."""
    context = chromium.new_context(base_url=skydeck.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    listen(page, complaints)
    sign_in(page)
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username or email").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/t/demo/"))
