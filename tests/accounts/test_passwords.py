"""What a password has to be, and how it is typed."""

import re

import pytest

from dashboard.accounts.passwords import LONGEST
from tests.conftest import PASSWORD

from .conftest import sign_in, signed_in


def change(client, new, old=PASSWORD):
    return client.post("/accounts/password/", {"oldpassword": old, "password1": new, "password2": new})


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("short12", "at least 8"),
        ("password1234", "too common"),
        ("bob@example.org", "too similar"),
        ("x" * (LONGEST + 1), f"At most {LONGEST}"),
    ],
)
def test_a_bad_one_is_refused_in_words(bob, new, said):
    answer = change(signed_in(bob), new)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


@pytest.mark.parametrize(
    "new", ["oleander", "four words in lowercase", "пароль из букв", "  spaces at both ends  ", "y" * LONGEST]
)
def test_a_long_one_of_whatever_letters_is_taken_as_it_is(bob, new):
    assert change(signed_in(bob), new).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(new)


def test_the_old_one_has_to_be_right(bob):
    assert change(signed_in(bob), "staple of the horse", old="wrong").status_code == 422


def test_it_can_be_pasted_and_kept_by_a_password_manager(bob, client):
    page = signed_in(bob).get("/accounts/password/").content.decode() + client.get("/accounts/login/").content.decode()
    assert "onpaste" not in page
    fields = re.findall(r'<input type="password"[^>]*>', page)
    assert [re.search('autocomplete="(.+?)"', field)[1] for field in fields] == [
        *("current-password", "new-password", "new-password"),
        "current-password",
    ]


def test_ten_thousand_letters_are_refused_without_hashing_them(client, bob, monkeypatch):
    from django.contrib.auth import hashers

    hashed = []
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda self, password, salt: hashed.append(password))
    answer = sign_in(client, "bob", "x" * 10_000)
    assert answer.status_code == 422
    assert f"At most {LONGEST}" in answer.content.decode()
    assert hashed == []
    assert sign_in(client, "b" * 10_000, "x").status_code == 422


def test_of_an_address_the_hundred_and_first_is_refused_whatever_name_and_header(client, db):
    headers = [{"X-Forwarded-For": f"203.0.113.{number}", "X-Real-Ip": "203.0.113.9"} for number in range(101)]
    answers = [sign_in(client, f"nobody{number}", headers=one).status_code for number, one in enumerate(headers)]
    assert answers == [422] * 100 + [429]


def test_after_the_window_it_works_again(client, bob, monkeypatch):
    import time

    for _ in range(6):
        last = sign_in(client, "bob", "wrong")
    assert last.status_code == 429
    assert "Too many failed attempts." in last.content.decode()
    assert sign_in(client, "bob").status_code == 429
    now = time.time()
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now + 301)
    assert sign_in(client, "bob").status_code == 302


def test_of_the_same_account_the_fifty_first_is_refused_from_any_address(client, bob):
    answers = [sign_in(client, "bob", "wrong", REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(51)]
    assert answers == [422] * 50 + [429]


def test_of_the_same_account_the_sixth_is_refused_from_one_address_and_counts_for_no_other(client, bob):
    answers = [sign_in(client, "bob", "wrong").status_code for _ in range(110)]
    assert answers == [422] * 5 + [429] * 105
    assert sign_in(client, "nobody", "wrong").status_code == 422, "the address has its others"
