import pytest
from allauth.core.internal.ratelimit import parse_rates
from django.contrib.sessions.models import Session
from django.test import Client

from tests.conftest import PASSWORD

from .conftest import sign_in


@pytest.mark.parametrize("login", ["bob", "bob@example.org", "BOB@example.org"])
def test_by_name_or_by_email(client, bob, login):
    assert sign_in(client, login).status_code == 302
    assert client.get("/t/lab/instances/").status_code == 200


@pytest.mark.parametrize(("login", "password"), [("bob", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(client, bob, login, password):
    answer = sign_in(client, login, password)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "not correct" in page
    assert f'value="{login}"' in page
    assert password not in page.replace(f'value="{login}"', "")


def test_nothing_typed_is_said_at_both_fields(client, db):
    answer = sign_in(client, "", "")
    assert answer.status_code == 422
    assert answer.content.decode().count("This field is required.") == 2


def test_guessing_is_slowed_down_and_says_so(client, bob):
    answers = [sign_in(client, "bob", f"guess {number}") for number in range(12)]
    assert answers[-1].status_code == 429
    assert "Too many failed attempts" in answers[-1].content.decode()
    assert "Too many" in sign_in(client, "bob").content.decode()


def test_a_forged_address_does_not_help_guessing(client, bob):
    for number in range(12):
        client.post(
            "/accounts/login/", {"login": "bob", "password": "guess"}, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
    assert "Too many" in sign_in(client, "bob").content.decode()


def test_who_guesses_shuts_out_neither_others_of_the_address_nor_the_person_elsewhere(bob, alice):
    office, home = ({"REMOTE_ADDR": address} for address in ("192.0.2.1", "198.51.100.7"))
    for number in range(12):
        sign_in(Client(), "bob", f"guess {number}", **office)
    assert "Too many" in sign_in(Client(), "bob", **office).content.decode()
    assert sign_in(Client(), "alice", **office).status_code == 302
    assert sign_in(Client(), "bob", **home).status_code == 302


def test_many_addresses_guess_no_more_than_a_few(bob, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_anywhere": "3/5m/key"}
    for number in range(2):
        sign_in(Client(), "bob", "guess", REMOTE_ADDR=f"192.0.2.{number}")
    for _ in range(5):  # what is right counts for nothing
        assert sign_in(Client(), "bob", REMOTE_ADDR="192.0.2.100").status_code == 302
    sign_in(Client(), "bob", "guess", REMOTE_ADDR="192.0.2.101")
    assert "Too many" in sign_in(Client(), "bob", REMOTE_ADDR="192.0.2.102").content.decode()


def test_an_address_may_fail_far_more_often_than_a_login_and_all_is_over_in_five_minutes():
    from dashboard import settings

    failed, anywhere = (parse_rates(settings.ACCOUNT_RATE_LIMITS[f"login_failed{end}"]) for end in ("", "_anywhere"))
    amounts = {rate.per: rate.amount for rate in failed}
    assert amounts["ip"] >= 10 * amounts["key"]
    assert {rate.duration for rate in (*failed, *anywhere)} == {5 * 60}, "the refusal says so"


def test_a_disabled_person_does_not_get_in(client, bob):
    bob.is_active = False
    bob.save()
    answer = sign_in(client, "bob")
    assert answer["Location"] == "/accounts/login/"
    assert "This account is disabled." in client.get("/accounts/login/").content.decode()
    assert client.get("/t/lab/instances/").status_code == 302


def test_each_sign_in_gets_a_session_of_its_own_and_sign_out_ends_it(client, bob):
    sign_in(client, "bob")
    first = client.session.session_key
    client.post("/accounts/logout/")
    assert not Session.objects.filter(session_key=first).exists()
    sign_in(client, "bob")
    assert client.session.session_key != first


def test_passwords_are_kept_as_argon2_outside_of_the_tests():
    from dashboard import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_where_one_wanted_to_go_is_kept_through_signing_in(client, bob):
    answer = client.get("/t/lab/operations/")
    assert answer["Location"] == "/accounts/login/?next=/t/lab/operations/"
    page = client.get(answer["Location"]).content.decode()
    assert 'name="next" value="/t/lab/operations/"' in page
