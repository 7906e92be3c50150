"""The pages of signing in with OpenStack in a real browser: single sign-on across two sites, and how they look."""

from __future__ import annotations

import os
import string
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from dashboard.accounts.models import User
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((django_settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
# Keystone's own etc/sso_callback_template.html (30.0.0), without its empty lines
CALLBACK = string.Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Keystone WebSSO redirect</title></head><body>
<form id="sso" name="sso" action="$host" method="post">Please wait...<br>
<input type="hidden" name="token" id="token" value="$token">
<noscript><input type="submit" name="submit_no_javascript" id="submit_no_javascript"
value="If your JavaScript is disabled, please click to continue"></noscript></form>
<script>window.onload = function() { document.forms['sso'].submit(); }</script></body></html>""")


@pytest.fixture
def provider(keystone, stack, settings):
    """Keystone's page as browsers get it, on another site: `localhost`, where ours is `127.0.0.1`."""
    ada = keystone.user("ada", "her secret 77")
    keystone.project("p", **{ada: "member"})

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> object:
            if "origin=" not in self.path:  # the browser asks for an icon as well
                return self.send_error(404)
            origin = parse_qs(urlsplit(self.path).query)["origin"][0]
            data = CALLBACK.substitute(host=origin, token=keystone.token(ada)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            return self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OPENSTACK_WEBSSO = "openid"
    settings.OPENSTACK_WEBSSO_URL = f"http://localhost:{server.server_address[1]}/v3"
    yield settings.OPENSTACK_WEBSSO_URL
    server.shutdown()
    server.server_close()


def test_single_sign_on_across_sites_leads_to_where_one_wanted(chromium, provider, settings):
    with web_process() as web:
        settings.ORIGINS = [web]
        page = chromium.new_page(base_url=web)
        page.goto("/t/p/operations/")
        page.get_by_role("link", name="Sign in with OpenStack").click()
        page.get_by_role("link", name="Single sign-on").click()
        page.get_by_role("button", name="Sign in as ada").click()
        expect(page).to_have_url(f"{web}/t/p/operations/")
        assert {cookie["sameSite"] for cookie in page.context.cookies()} == {"Lax"}


def test_a_page_elsewhere_cannot_sign_anybody_in(chromium, provider, settings):
    """Somebody's page posts a token of theirs: the victim's browser never began, and stays signed out."""
    with web_process() as web:
        settings.ORIGINS = [web]
        page = chromium.new_page(base_url=web)
        page.goto(f"{provider}/?origin={web}/accounts/openstack/websso/return/")
        page.get_by_role("button", name="Sign in as ada").click()
        expect(page.locator(".banner.bad")).to_contain_text("did not begin in this browser")
        assert not User.objects.exists()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_each_page_is_whole_and_accessible(chromium, provider, keystone, theme, width):
    keystone.user("grace", "her secret 77", passcode="123456")
    with web_process() as web:
        context = chromium.new_context(base_url=web, color_scheme=theme, viewport={"width": width, "height": 844})
        page = context.new_page()
        page.goto("/accounts/login/")
        look(page, f"sign-in-{theme}-{width}")
        page.get_by_role("link", name="Sign in with OpenStack").click()
        page.get_by_label("OpenStack user name").fill("grace")
        page.get_by_label("Password").fill("guess")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator(".banner.bad")).to_contain_text("is not correct")
        look(page, f"sign-in-openstack-{theme}-{width}")
        page.get_by_label("Password").fill("her secret 77")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_label("Passcode")).to_be_focused()
        look(page, f"sign-in-passcode-{theme}-{width}")


def look(page, name: str) -> None:
    """Nothing sticks out, axe finds nothing, and there is a picture of it where one is wanted."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    if folder := os.environ.get("SKYDECK_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial", animations="allow")
