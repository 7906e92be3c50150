"""What happens on clouds and in places reaches an administrator's open page, of all tenants, and nobody else's."""

import httpx
import pytest

from dashboard.live.publish import publish
from tests.web import cookie_of, web_process

pytestmark = pytest.mark.slow


@pytest.fixture
def web(transactional_db):
    with web_process() as address:
        yield address


def opened(web, user):
    """The status of the stream that this person gets, without reading it."""
    headers = {"Cookie": cookie_of(user)} if user else {}
    with httpx.Client(timeout=20) as client, client.stream("GET", f"{web}/clouds/events/", headers=headers) as answer:
        return answer.status_code


def test_an_administrator_hears_of_every_tenant(web, root, lab, other):
    headers = {"Cookie": cookie_of(root)}
    with httpx.Client(timeout=20) as client, client.stream("GET", f"{web}/clouds/events/", headers=headers) as answer:
        lines = answer.iter_lines()
        assert answer.status_code == 200
        assert next(lines).startswith("id:")
        publish(lab.pk, "places", object_id="one")
        publish(other.pk, "places", object_id="two")
        publish(None, "clouds", object_id="three")
        heard = [line for line in (next(lines) for _ in range(12)) if line.startswith("data:")]
    assert [text.split('"id": ')[1] for text in heard] == ['"one"}', '"two"}', '"three"}']


def test_nobody_else_is_let_in(web, root, alice):
    assert (opened(web, None), opened(web, alice), opened(web, root)) == (401, 404, 200)


def test_an_administrator_who_is_one_no_more_hears_no_more(web, root, lab):
    headers = {"Cookie": cookie_of(root)}
    with httpx.Client(timeout=20) as client, client.stream("GET", f"{web}/clouds/events/", headers=headers) as answer:
        root.is_superuser = False
        root.save(update_fields=["is_superuser"])
        assert sum(1 for line in answer.iter_lines() if line.startswith("data:")) == 0  # it ends
