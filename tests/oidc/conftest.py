"""The provider, once for all tests here, and a browser that goes there and comes back."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client

SECRET = "canary-client-secret"
CALLBACK = "http://testserver/accounts/oidc/callback/"
CLAIMS = {
    "bob": {"email": "bob@example.org", "email_verified": True, "groups": ["developers"]},
    "loose": {"email": "bob@example.org", "email_verified": False},
    "text": {"email": "bob@example.org", "email_verified": "false"},
    "newcomer": {
        "email": "new@example.org",
        "email_verified": True,
        "preferred_username": "bob",
        "given_name": "Nora",
        "family_name": "New",
        "groups": ["developers", "chiefs"],
    },
    "nameless": {},
}


class Provider:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{port}/o"
        self.say(CLAIMS)
        self.fail("")

    def say(self, claims: dict) -> None:
        (self.folder / "claims.json").write_text(json.dumps(claims))

    def fail(self, fault: str) -> None:
        (self.folder / "fault").write_text(fault)


@pytest.fixture(scope="session")
def process(tmp_path_factory):
    folder = tmp_path_factory.mktemp("provider")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    provider = Provider(folder, port)
    command = [sys.executable, str(Path(__file__).with_name("provider.py")), str(folder), str(port), SECRET, CALLBACK]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while not (folder / "ready").exists():
            assert running.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, "the provider does not start"
            time.sleep(0.05)
        yield provider
        running.terminate()
        running.wait(10)


@pytest.fixture
def provider(process, settings):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = process.url, "skydeck", SECRET
    settings.OIDC_NAME = "Acme"
    process.say(CLAIMS)
    process.fail("")
    return process


def go_there(client: Client, path: str = "/accounts/oidc/") -> str:
    answer = client.get(path)
    assert answer.status_code == 302, answer.content.decode()[:500]
    return answer["Location"]


def come_back(url: str, name: str, *, consents: bool = True) -> str:
    """What the provider's page does with the browser, after that person signed in there."""
    with httpx.Client() as browser:
        parts = urlsplit(url)
        browser.get(f"{parts.scheme}://{parts.netloc}/login/", params={"as": name})
        page = browser.get(url)
        assert page.status_code == 200, page.text[:2000]
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        fields = {key: value.replace("&amp;", "&").replace("&#x27;", "'") for key, value in fields.items()}
        back = browser.post(url, data=fields | ({"allow": "Authorize"} if consents else {}))
        assert back.status_code == 302, back.text[:2000]
    return back.headers["Location"]


def sign_in(client: Client, name: str, path: str = "/accounts/oidc/", **choice):
    return client.get(come_back(go_there(client, path), name, **choice))
