import html
import re

import pytest
from django.core.cache import cache
from django.test import Client

from dashboard.mail import tasks


@pytest.fixture(autouse=True)
def no_tries_counted():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def signed_in():
    """A browser in which this person just signed in."""

    def sign_in(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def text(response) -> str:
    return html.unescape(response.content.decode())


def done(browser, url, data=None) -> str:
    """The page to which what was posted leads."""
    answer = browser.post(url, data or {})
    assert answer.status_code in (302, 303), text(answer)
    return text(browser.get(answer["Location"]))


def links(mailoutbox) -> list[str]:
    """The path of the link in each mail that left, the oldest first."""
    tasks.deliver()
    return [re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.body)[1] for mail in mailoutbox]
