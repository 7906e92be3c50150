"""The authenticator app and recovery codes: set up, asked for, used once, removed."""

import re
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from dashboard.audit.models import Entry
from dashboard.setup import rotation

from .conftest import SECRET, code_of, give_app, give_codes, sign_in, signed_in


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def second_step(client, code):
    return client.post("/accounts/login/second-step/", {"code": code})


def test_an_app_is_set_up_and_recovery_codes_come_with_it_once(bob):
    client = signed_in(bob)
    page = client.get("/accounts/app/").content.decode()
    secret = re.search(r'class="secret raw">([A-Z2-7]+)<', page)[1]
    answer = client.post("/accounts/app/", {"code": code_of(secret)})
    assert answer["Location"] == "/accounts/recovery-codes/"
    shown = client.get("/accounts/recovery-codes/").content.decode()
    assert len(re.findall(r"<li>\d{4} \d{4}</li>", shown)) == 10
    again = client.get("/accounts/recovery-codes/").content.decode()
    assert re.findall(r"\d{4} \d{4}", again) == []
    assert "10 codes are left" in again
    assert verbs() == ["user.sign-in", "user.app-add", "user.codes-make"]


def test_a_wrong_first_code_turns_nothing_on(bob):
    client = signed_in(bob)
    client.get("/accounts/app/")
    answer = client.post("/accounts/app/", {"code": "000000"})
    assert answer.status_code == 422
    assert "Incorrect code." in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_no_secret_stands_in_the_database_as_it_is(bob):
    give_app(bob)
    give_codes(bob)
    rows = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in rows
    assert not any(code in rows for code in give_codes(bob))


def test_the_keys_that_seal_can_be_replaced(bob, settings):
    from cryptography.fernet import Fernet

    give_app(bob)
    codes = give_codes(bob)
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    assert rotation.rotate().rotated == 2
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    client = Client()
    sign_in(client, "bob")
    assert second_step(client, codes[0])["Location"] == "/"


def test_after_the_password_the_code_is_asked_for_and_the_session_is_a_new_one(client, bob):
    give_app(bob)
    assert sign_in(client, "bob")["Location"] == "/accounts/login/second-step/"
    between = client.session.session_key
    assert client.get("/t/lab/instances/").status_code == 302
    assert second_step(client, code_of())["Location"] == "/"
    assert client.get("/t/lab/instances/").status_code == 200
    assert client.session.session_key != between
    assert not Session.objects.filter(session_key=between).exists()
    assert Entry.objects.get(verb="user.sign-in").after == {"with": ["password", "totp"]}


def test_where_one_wanted_to_go_is_kept_through_both_steps(client, bob):
    give_app(bob)
    client.post("/accounts/login/", {"login": "bob", "password": "correct horse battery", "next": "/t/lab/networks/"})
    assert second_step(client, code_of())["Location"] == "/t/lab/networks/"


def test_a_code_of_the_app_is_good_once(bob):
    give_app(bob)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, "bob")
    code = code_of()
    assert second_step(first, code).status_code == 302
    assert second_step(second, code).status_code == 422
    assert second.get("/t/lab/instances/").status_code == 302


def test_a_code_that_is_older_than_a_used_one_is_refused(bob):
    give_app(bob)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, "bob")
    assert second_step(first, code_of()).status_code == 302
    assert second_step(second, code_of(steps=-1)).status_code == 422


def test_a_clock_may_be_half_a_minute_late(client, bob):
    give_app(bob)
    sign_in(client, "bob")
    assert second_step(client, code_of(steps=-1)).status_code == 302


def test_a_recovery_code_is_good_once(bob):
    give_app(bob)
    codes = give_codes(bob)
    for code, status in ((codes[0], 302), (codes[0], 422), (f"{codes[1][:4]} {codes[1][4:]}", 302)):
        client = Client()
        sign_in(client, "bob")
        assert second_step(client, code).status_code == status


def test_wrong_codes_are_throttled_and_each_is_an_entry(client, bob):
    give_app(bob)
    sign_in(client, "bob")
    answers = [second_step(client, "000000").status_code for _ in range(6)]
    assert answers == [422, 422, 422, 422, 422, 429]
    assert second_step(client, code_of()).status_code == 429
    refused = Entry.objects.filter(verb="user.sign-in", outcome="refused")
    assert refused.count() == 7


def test_recovery_codes_alone_ask_for_no_second_step(client, bob):
    give_codes(bob)
    assert sign_in(client, "bob")["Location"] == "/"


def test_new_codes_make_the_old_ones_void(bob):
    give_app(bob)
    old = give_codes(bob)
    client = Client()
    sign_in(client, "bob")
    second_step(client, old[0])
    assert client.post("/accounts/recovery-codes/new/")["Location"] == "/accounts/recovery-codes/"
    other = Client()
    sign_in(other, "bob")
    assert second_step(other, old[1]).status_code == 422


def test_the_app_is_removed_and_the_codes_go_with_it(bob):
    give_app(bob)
    give_codes(bob)
    client = Client()
    sign_in(client, "bob")
    second_step(client, code_of())
    assert client.post("/accounts/app/remove/")["Location"] == "/accounts/"
    assert not Authenticator.objects.exists()
    assert verbs()[-1] == "user.app-remove"


@pytest.mark.parametrize("path", ["app/", "recovery-codes/new/", "passkeys/add/"])
def test_what_matters_asks_for_a_proof_again(client, bob, path):
    client.force_login(bob)  # a sign-in of long ago
    answer = client.get(f"/accounts/{path}")
    assert unquote(answer["Location"]) == f"/accounts/prove/?next=/accounts/{path}"
    proved = client.post(answer["Location"], {"password": "correct horse battery"})
    assert proved["Location"] == f"/accounts/{path}"
    assert client.get(f"/accounts/{path}").status_code in (200, 302)


def test_the_proof_takes_no_wrong_password(client, bob):
    client.force_login(bob)
    assert client.post("/accounts/prove/?next=/accounts/app/", {"password": "wrong"}).status_code == 422
    assert client.get("/accounts/app/").status_code == 302
