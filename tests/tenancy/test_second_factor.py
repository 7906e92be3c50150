"""A second factor that a role demands: asked for everywhere, and nothing goes on without it."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from dashboard.live.visits import Visit, roles_of, user_of
from dashboard.tenancy.models import Membership, Role
from dashboard.tenancy.second_factor import OPEN, missing
from tests.accounts.conftest import code_of, give_app, give_passkey, signed_in
from tests.addresses import url_of
from tests.matrix import FROM_OTHER_SITES, MATRIX
from tests.web import cookie_of, reading, web_process

SETUP = "/accounts/second-factor/"


def test_nobody_has_to_by_default(bob, root):
    assert missing([bob, root]) == set()


@pytest.mark.parametrize(
    ("listed", "who"),
    [
        (["admin"], {"root"}),
        (["manager"], {"root", "alice"}),
        (["manager", "admin"], {"root", "alice"}),
        (["reader"], {"root", "alice", "bob", "rita"}),
    ],
)
def test_whoever_has_the_role_or_a_greater_one_has_to(root, alice, bob, rita, settings, listed, who):
    settings.SECOND_FACTOR = listed
    people = {user.pk: user.username for user in (root, alice, bob, rita)}
    assert {people[pk] for pk in missing([root, alice, bob, rita])} == who


@pytest.mark.slow
def test_no_page_opens_before_there_is_one(launch, work, root, settings):
    """Every URL of the access matrix, by the one who may do everything."""
    target = launch()
    work()
    client = Client()
    client.force_login(root)
    urls = {(name, method): url_of(name, target) for name, row in MATRIX.items() for method in row}
    settings.SECOND_FACTOR = ["admin"]
    for (name, method), url in urls.items():
        if name in OPEN | FROM_OTHER_SITES:
            continue
        answer = getattr(client, method)(url)
        assert (answer.status_code, answer.headers.get("Location")) == (303, SETUP), name
        part = getattr(client, method)(url, headers={"HX-Request": "true"})
        assert part.headers.get("HX-Redirect") == SETUP, name
    give_app(root)
    assert client.get(reverse("instances:all")).status_code == 200


def test_one_is_led_there_sets_one_up_and_goes_on(bob, settings):
    settings.SECOND_FACTOR = ["member"]
    client = signed_in(bob)
    assert client.get("/t/lab/instances/")["Location"] == SETUP
    assert "a second factor" in client.get(SETUP).content.decode()
    client.get("/accounts/app/")
    secret = client.session["mfa.totp.secret"]
    assert client.post("/accounts/app/", {"code": code_of(secret)})["Location"] == "/accounts/recovery-codes/"
    assert client.get("/t/lab/instances/").status_code == 200


def test_the_last_one_stays_while_the_role_demands_it(bob, settings):
    settings.SECOND_FACTOR = ["member"]
    client = signed_in(bob)
    give_app(bob)
    answer = client.post("/accounts/app/remove/")
    assert answer.status_code == 422
    assert "Your role Member demands a second factor" in answer.content.decode()
    passkey = give_passkey(bob)
    assert client.post("/accounts/app/remove/").status_code == 302
    refused = client.post(f"/accounts/passkeys/{passkey.pk}/remove/")
    assert refused.status_code == 422
    assert Authenticator.objects.filter(user=bob).count() == 1
    Membership.objects.update(role=Role.READER)
    assert client.post(f"/accounts/passkeys/{passkey.pk}/remove/").status_code == 302


def test_streams_and_consoles_do_not_know_who_lacks_one(bob, lab, settings):
    cookie = cookie_of(bob)
    user, key = user_of(cookie)
    visit = Visit(session_key=key, user_id=bob.pk, tenant_id=lab.pk)
    assert (user, roles_of([visit])) == (bob, {visit: Role.MEMBER})
    settings.SECOND_FACTOR = ["member"]
    assert (user_of(cookie), roles_of([visit])) == ((None, ""), {})
    give_app(bob)
    assert (user_of(cookie)[0], roles_of([visit])) == (bob, {visit: Role.MEMBER})


def test_an_open_stream_ends_when_the_role_begins_to_demand_one(transactional_db, bob, settings):
    settings.SECOND_FACTOR = ["manager"]
    with web_process() as web, reading(web, bob) as reader:
        Membership.objects.update(role=Role.MANAGER)
        assert reader.ended(within_s=5) < 5
