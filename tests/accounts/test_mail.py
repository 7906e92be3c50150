"""What goes by mail: a forgotten password, another address, and what was changed."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.accounts import email
from dashboard.accounts.models import User
from dashboard.audit.models import Entry
from dashboard.mail.models import OutgoingMail
from dashboard.mail.sealing import unseal

from .conftest import give_app, signed_in

NEW = {"password1": "staple of the horse", "password2": "staple of the horse"}


def link_in(mail: OutgoingMail) -> str:
    return re.search(r"https?://[^/]+(/accounts/\S+)", unseal(mail.body))[1]


def ask(address: str):
    return Client().post("/accounts/password/reset/", {"email": address})


def test_a_forgotten_password_is_set_by_a_link_that_is_good_once(bob):
    before = signed_in(bob)
    assert "a link is on its way" in ask("BOB@example.org").content.decode()
    mail = OutgoingMail.objects.get()
    assert mail.to == "bob@example.org"
    link, client = link_in(mail), Client()
    assert client.get(link).status_code == 200
    assert client.post(link, {"password1": "short", "password2": "short"}).status_code == 422
    assert client.post(link, NEW)["Location"] == "/accounts/login/"
    bob.refresh_from_db()
    assert bob.check_password(NEW["password1"])
    assert client.get(link).status_code == 404
    assert before.get("/accounts/").status_code == 302
    assert Entry.objects.get(verb="user.password-reset").actor == "bob"


def test_it_signs_nobody_in_and_the_second_factor_stays(bob):
    give_app(bob)
    ask("bob@example.org")
    client = Client()
    client.post(link_in(OutgoingMail.objects.get()), NEW)
    assert client.get("/accounts/").status_code == 302
    signing_in = {"login": "bob", "password": NEW["password1"]}
    assert client.post("/accounts/login/", signing_in)["Location"] == "/accounts/login/second-step/"


@pytest.mark.parametrize("address", ["nobody@example.org", "bob@example.org"])
def test_the_answer_is_the_same_for_nobodys_address(bob, address):
    said = ask(address).content.decode().replace(address, "…")
    other = ask("somebody@example.org").content.decode().replace("somebody@example.org", "…")
    tidy = re.compile(r'value="[^"]{64}"|mono">\w+<')
    assert tidy.sub("", said) == tidy.sub("", other)
    assert OutgoingMail.objects.count() == (address == "bob@example.org")


def test_who_is_disabled_or_has_no_password_here_gets_none(bob):
    bob.set_unusable_password()
    bob.save()
    ask("bob@example.org")
    assert not OutgoingMail.objects.exists()


def test_asking_again_and_again_is_refused(bob):
    assert [ask("bob@example.org").status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("parts", [["x", "y"], ["MQ", "y"], ["MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "y"]])
def test_a_link_of_nobodys_is_not_good(db, parts):
    assert Client().get(reverse("account_reset_password_from_key", args=parts)).status_code == 404


def test_another_address_is_theirs_once_the_link_was_opened(bob):
    client = signed_in(bob)
    assert (
        "A link was sent to new@example.org"
        in client.post("/accounts/email/", {"email": "New@example.org"}).content.decode()
    )
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"
    link = link_in(OutgoingMail.objects.get())
    assert client.get(link).status_code == 200
    client.post(link)
    bob.refresh_from_db()
    assert bob.email == "new@example.org"
    assert client.get(link).status_code == 404
    assert set(OutgoingMail.objects.values_list("to", "subject")) == {
        ("new@example.org", "Is this your address?"),
        ("bob@example.org", "Your address on Skydeck was changed"),
    }


def test_the_link_is_for_the_person_who_asked(bob, alice):
    link = reverse("account_confirm_email", args=[email.token_of(bob, "new@example.org")])
    assert signed_in(alice).post(link).status_code == 404
    assert User.objects.get(pk=alice.pk).email == "alice@example.org"


def test_an_address_of_somebody_else_is_not_given_and_not_told(bob, alice):
    client = signed_in(bob)
    assert "A link was sent to" in client.post("/accounts/email/", {"email": "alice@example.org"}).content.decode()
    assert not OutgoingMail.objects.exists()
    link = reverse("account_confirm_email", args=[email.token_of(bob, "alice@example.org")])
    assert client.post(link).status_code == 404
    assert User.objects.get(pk=bob.pk).email == "bob@example.org"


def test_one_is_told_of_what_was_changed(bob):
    client = signed_in(bob)
    client.post("/accounts/password/", {"oldpassword": "correct horse battery"} | NEW)
    give_app(bob)
    client.post("/accounts/app/remove/")
    subjects = set(OutgoingMail.objects.values_list("subject", flat=True))
    assert subjects == {"Your password on Skydeck was changed", "A second factor of yours was changed"}
