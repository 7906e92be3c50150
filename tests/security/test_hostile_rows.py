"""All text of clouds and of people is hostile: it is shown, and never becomes a part of the page."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from .crawl import pages, poison

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PAYLOAD = "<img src=x onerror=p()>\"'><b hx-get=/x>{{7*7}}"


class Born(HTMLParser):
    """What an attacker would want to see in the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if (tag == "img" and values.get("src") == "x") or values.get("hx-get") == "/x":
            self.found.append(tag)
        self.found += [name for name in values if name.startswith(("on", "hx-on", "data-hx-on"))]


def born_in(text: str) -> list[str]:
    parser = Born()
    parser.feed(text)
    return parser.found


def test_the_watchman_sees_what_he_is_there_for():
    assert born_in(f"<p title='{PAYLOAD}'>")
    assert born_in(f"<p>{PAYLOAD}</p>")


@pytest.mark.parametrize("person", ["alice", "root"])
def test_no_page_lets_a_text_become_markup(person, everything, alice, root):
    client = Client()
    client.force_login({"alice": alice, "root": root}[person])
    assert poison(PAYLOAD) > 50
    shown = set()
    for page in pages(client, everything):
        assert page.status < 500, page.url
        if page.kind == "text/html":
            assert born_in(page.text) == [], page.url
            shown |= {page.name} if "&lt;img src=x" in page.text else set()
    assert len(shown) > 20, shown
