"""Signing in with a real provider: who is matched, what is refused, what groups are here."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from dashboard.accounts.models import User
from dashboard.audit.models import Entry
from dashboard.tenancy.models import Membership
from tests.accounts.conftest import code_of, give_app

from .conftest import CLAIMS, come_back, go_there, sign_in


@pytest.fixture(autouse=True)
def no_tries_counted():
    cache.clear()
    yield
    cache.clear()


def is_in(client) -> bool:
    return client.get("/accounts/").status_code == 200


def test_it_is_off_by_default(client, db):
    assert client.get("/accounts/oidc/").status_code == 404
    assert client.get("/accounts/oidc/callback/?code=1&state=2").status_code == 404
    assert "oidc" not in client.get("/accounts/login/").content.decode()


def test_the_account_with_the_verified_address_is_linked_and_signed_in(client, bob, provider):
    assert "Sign in with Acme" in client.get("/accounts/login/").content.decode()
    assert sign_in(client, "bob", "/accounts/oidc/?next=/t/lab/networks/")["Location"] == "/t/lab/networks/"
    assert is_in(client)
    assert SocialAccount.objects.get().user == bob
    verbs = Entry.objects.order_by("pk").values_list("verb", "after")
    assert [verb for verb, _ in verbs] == ["user.oidc-link", "user.sign-in"]
    assert verbs[1][1] == {"with": ["socialaccount"]}
    bob.refresh_from_db()
    assert bob.check_password("correct horse battery")


def test_who_was_linked_stays_it_whatever_the_address_is_by_now(client, bob, provider):
    sign_in(client, "bob")
    provider.say({"bob": {"email": "moved@example.org", "email_verified": False}})
    again = Client()
    sign_in(again, "bob")
    assert is_in(again)
    assert Entry.objects.filter(verb="user.oidc-link").count() == 1


def test_it_asks_with_pkce_state_and_nonce_and_makes_no_session(client, bob, provider):
    asked = parse_qs(urlsplit(go_there(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"code_challenge", "state", "nonce"} <= set(asked)
    assert asked["redirect_uri"] == ["http://testserver/accounts/oidc/callback/"]
    assert Session.objects.count() == 0


@pytest.mark.parametrize("name", ["loose", "text", "nameless"])
def test_an_address_that_is_not_verified_matches_nobody(client, bob, provider, name):
    answer = sign_in(client, name)
    assert answer.status_code == 403
    assert "verified" in answer.content.decode()
    assert not is_in(client)
    assert (SocialAccount.objects.count(), Session.objects.count()) == (0, 0)


def test_somebody_whom_nobody_knows_is_refused(client, bob, provider):
    answer = sign_in(client, "newcomer")
    assert answer.status_code == 403
    assert "Nobody here has the address new@example.org." in answer.content.decode()
    assert User.objects.count() == 1


def test_a_new_account_is_made_where_that_is_allowed(client, bob, provider, settings):
    settings.OIDC_NEW_ACCOUNTS = True
    sign_in(client, "newcomer")
    assert is_in(client)
    made = User.objects.get(email="new@example.org")
    assert (made.username, made.get_full_name(), made.has_usable_password()) == ("bob-2", "Nora New", False)


def test_a_name_that_might_be_taken_for_anothers_is_not_taken_over(client, bob, provider, settings):
    settings.OIDC_NEW_ACCOUNTS = True
    provider.say(CLAIMS | {"newcomer": CLAIMS["newcomer"] | {"preferred_username": "b\u043eb"}})
    sign_in(client, "newcomer")
    assert User.objects.get(email="new@example.org").username == "new@example.org"


@pytest.mark.parametrize("fault", ["nonce", "audience", "issuer", "expired", "signature", "unsigned", "subject"])
def test_a_token_that_is_not_for_this_sign_in_is_refused(client, bob, provider, fault):
    provider.fail(fault)
    answer = sign_in(client, "bob")
    assert answer.status_code == 401
    assert "cannot be trusted" in answer.content.decode()
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_who_does_not_consent_is_told_so(client, bob, provider):
    answer = sign_in(client, "bob", consents=False)
    assert answer.status_code == 403
    assert "did not let the provider" in answer.content.decode()
    assert not is_in(client)


def test_an_answer_belongs_to_the_browser_that_asked_and_is_good_once(client, bob, provider):
    back = come_back(go_there(client), "bob")
    stranger = Client()
    assert stranger.get(back).status_code == 401
    go_there(stranger)  # one who has begun as well
    assert stranger.get(back).status_code == 401
    assert not is_in(stranger)
    assert client.get(back).status_code == 302
    client.logout()
    assert client.get(back).status_code == 401


def test_a_second_factor_of_ones_own_is_asked_for(client, bob, provider):
    give_app(bob)
    assert sign_in(client, "bob")["Location"] == "/accounts/login/second-step/"
    assert not is_in(client)
    client.post("/accounts/login/second-step/", {"code": code_of()})
    assert is_in(client)


def test_a_disabled_account_stays_out(client, bob, provider):
    bob.is_active = False
    bob.save()
    assert sign_in(client, "bob")["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_groups_give_change_and_take_roles_in_the_tenants_that_are_named(client, bob, lab, other, provider, settings):
    settings.OIDC_GROUPS = {"developers": ("lab", "reader"), "chiefs": ("other", "manager")}
    Membership.objects.filter(user=bob).update(role="manager")
    sign_in(client, "bob")
    assert list(Membership.objects.filter(user=bob).values_list("tenant__slug", "role")) == [("lab", "reader")]
    provider.say({"bob": {"groups": ["chiefs"]}})
    sign_in(Client(), "bob")
    assert list(Membership.objects.filter(user=bob).values_list("tenant__slug", "role")) == [("other", "manager")]
    said = Entry.objects.filter(verb="membership.from-oidc").order_by("pk").values_list("actor", "before", "after")
    assert [(before["role"], after["role"]) for _, before, after in said] == [
        *(("manager", "reader"), ("reader", ""), ("", "manager"))
    ]
    assert {actor for actor, _, _ in said} == {"oidc:Acme"}


def test_a_group_makes_administrators_but_never_takes_the_last(client, bob, provider, settings):
    settings.OIDC_GROUPS = {"developers": ("", "admin")}
    sign_in(client, "bob")
    assert User.objects.get(pk=bob.pk).is_admin
    provider.say({"bob": {"groups": []}})
    sign_in(Client(), "bob")
    assert User.objects.get(pk=bob.pk).is_admin
    User.objects.create_superuser("root")
    sign_in(Client(), "bob")
    assert not User.objects.get(pk=bob.pk).is_admin
    said = Entry.objects.filter(verb__startswith="administrator.").order_by("pk").values_list("before", "after")
    no, yes = {"administrator": False}, {"administrator": True}
    assert list(said) == [(no, yes), (yes, no)]


def test_a_provider_that_is_away_is_said_to_be(client, db, settings):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_NAME = "http://127.0.0.1:9", "skydeck", "Acme"
    answer = client.get("/accounts/oidc/")
    assert answer.status_code == 503
    assert "Acme does not answer" in answer.content.decode()


def test_where_one_wants_to_go_is_one_of_our_pages(client, bob, provider):
    assert sign_in(client, "bob", "/accounts/oidc/?next=https://evil.example/")["Location"] == "/"


def test_no_log_has_a_secret(client, bob, provider, caplog):
    sign_in(client, "bob")
    provider.fail("nonce")
    sign_in(Client(), "bob")
    assert "canary" not in caplog.text
