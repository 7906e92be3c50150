"""Single sign-on through Keystone's page, which posts a token across sites. Here the post is made by hand; a browser
follows the whole way, over Keystone's own template, in test_websso_browser.py."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from dashboard.accounts.models import User

pytestmark = pytest.mark.slow

START, ARRIVE, CONFIRM = (f"/accounts/openstack/websso/{part}" for part in ("", "return/", "confirm/"))


@pytest.fixture
def ada(keystone, stack, settings):
    settings.OPENSTACK_WEBSSO = "openid"
    user_id = keystone.user("ada", "nobody types it")
    keystone.project("p", **{user_id: "member"})
    return user_id


def arrive(keystone, user_id) -> str:
    """What our page gives back for the token; posted by a client without cookies, as browsers do across sites."""
    answer = Client(enforce_csrf_checks=True).post(ARRIVE, {"token": keystone.token(user_id)})
    return re.search(r'name="arrived" value="([^"]+)"', answer.content.decode())[1]


def test_it_leads_to_keystone_with_our_own_address(client, keystone, ada, settings):
    settings.OPENSTACK_WEBSSO_URL = "https://keystone.example.org/v3"
    url = urlsplit(client.get(f"{START}?next=/t/p/")["Location"])
    assert (url.netloc, url.path) == ("keystone.example.org", "/v3/auth/OS-FEDERATION/websso/openid")
    assert parse_qs(url.query) == {"origin": [settings.ORIGINS[0] + ARRIVE]}


def test_of_one_identity_provider(client, keystone, ada, settings):
    settings.OPENSTACK_WEBSSO = "corp/saml2"
    assert "/auth/OS-FEDERATION/identity_providers/corp/protocols/saml2/websso?" in client.get(START)["Location"]


def test_whoever_began_here_and_confirms_is_in_where_they_wanted(client, keystone, ada):
    client.get(f"{START}?next=/t/p/operations/")
    answer = client.post(CONFIRM, {"arrived": arrive(keystone, ada)})
    assert answer["Location"] == "/t/p/operations/"
    assert client.get("/t/p/operations/").status_code == 200
    assert keystone.tokens == {}


def test_the_page_says_who_it_is_and_signs_nobody_in(client, keystone, ada):
    answer = client.post(ARRIVE, {"token": keystone.token(ada)})
    assert "<b>ada</b>" in answer.content.decode()
    assert client.get("/").status_code == 302
    assert not User.objects.exists()


def test_a_browser_that_did_not_begin_here_is_not_signed_in(client, keystone, ada):
    """Login CSRF: somebody else's token, posted by somebody else's page."""
    answer = client.post(CONFIRM, {"arrived": arrive(keystone, ada)})
    assert (answer.status_code, "did not begin in this browser" in answer.content.decode()) == (403, True)
    assert client.get("/").status_code == 302


def test_another_site_cannot_press_the_button(keystone, ada):
    victim = Client(enforce_csrf_checks=True)
    victim.get(START)
    assert victim.post(CONFIRM, {"arrived": arrive(keystone, ada)}).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("token", ["", "rubbish", "x" * 5000, "<script>"])
def test_a_token_that_keystone_does_not_know_is_refused(client, keystone, ada, token):
    answer = client.post(ARRIVE, {"token": token})
    assert (answer.status_code, "Begin again" in answer.content.decode()) == (403, True)


def test_what_was_not_sealed_for_this_is_refused(client, keystone, ada):
    from dashboard.clouds import secrets

    client.get(START)
    for forged in ("", "rubbish", secrets.seal({"token": keystone.token(ada), "until": "2099-01-01T00:00:00+00:00"})):
        assert client.post(CONFIRM, {"arrived": forged}).status_code == 403


def test_one_who_wanted_another_host_lands_at_home(client, keystone, ada):
    client.get(f"{START}?next=https://evil.example/")
    assert client.post(CONFIRM, {"arrived": arrive(keystone, ada)})["Location"] == "/"


def test_it_is_off_unless_a_protocol_is_named(client, stack):
    assert client.get(START).status_code == 404
    assert client.post(ARRIVE, {"token": "x"}).status_code == 404
    assert client.post(CONFIRM, {}).status_code == 404
