import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache

from tests.conftest import PASSWORD


@pytest.fixture(autouse=True)
def no_tries_counted():
    cache.clear()
    yield
    cache.clear()


def sign_in(client, login, password=PASSWORD):
    return client.post("/accounts/login/", {"login": login, "password": password})


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
    assert "Too many failed login attempts" in answers[-1].content.decode()
    assert "Too many" in sign_in(client, "bob").content.decode()


def test_a_forged_address_does_not_help_guessing(client, bob):
    for number in range(12):
        client.post(
            "/accounts/login/", {"login": "bob", "password": "guess"}, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
    assert "Too many" in sign_in(client, "bob").content.decode()


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
