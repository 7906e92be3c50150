"""Key pairs: made, imported, shown once, deleted; exact also when two people are at it."""

import logging
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from dashboard.audit.models import Entry
from dashboard.keypairs import actions
from dashboard.keypairs.models import KeyPair
from dashboard.keypairs.public_keys import generate, read
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import QuotaExceeded, drift

GOOD = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpgGrHxMbvhHH+VrqfCBuLGHvWc2SbmzjZIfvQ3wn1R bob@desk"
PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----"
HTMX = {"HX-Request": "true"}
HOME = "/t/lab/key-pairs/"


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


def used(tenant) -> int:
    return Quota.objects.get(tenant=tenant, resource="key_pairs").used


def asked(**fields):
    return {"key": uuid.uuid4().hex, "name": "laptop", "public_key": GOOD} | fields


def test_an_imported_key_is_in_the_list_with_its_fingerprint(browser, lab):
    answer = browser.post(HOME + "import/", asked())
    assert (answer.status_code, answer["Location"]) == (303, HOME)
    page = browser.get(HOME).content.decode()
    assert "laptop" in page
    assert read(GOOD).fingerprint in page.replace("&#x2B;", "+")
    assert (used(lab), drift(lab)) == (1, {})


def test_a_key_can_come_in_a_file(browser):
    file = SimpleUploadedFile("id_ed25519.pub", GOOD.encode() + b"\n")
    assert browser.post(HOME + "import/", asked(public_key="", file=file)).status_code == 303
    assert KeyPair.objects.get().comment == "bob@desk"


@pytest.mark.parametrize("content", [b"\x00\x01\xff" * 1000, b"", b"x" * 3_000_000])
def test_a_file_that_is_no_key_is_refused(browser, content):
    answer = browser.post(HOME + "import/", asked(public_key="", file=SimpleUploadedFile("x.pub", content)))
    assert answer.status_code == 422
    assert not KeyPair.objects.exists()


def test_a_private_key_that_was_pasted_is_refused_and_not_sent_back(browser):
    secret = PRIVATE + "\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----"
    answer = browser.post(HOME + "import/", asked(public_key=secret))
    page = answer.content.decode()
    assert (answer.status_code, "This is a private key." in page, "b3BlbnNz" in page) == (422, True, False)
    assert 'value="laptop"' in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Give the key pair a name."),
        ({"name": "x" * 300}, "at most 255 characters"),
        ({"name": "a\u202eb"}, "cannot be seen"),
        ({"public_key": ""}, "Paste the public key, or choose the file"),
        ({"public_key": generate(comment="")[1].text}, "There is a key pair of this name already."),
        ({"name": "other"}, "This key is here already: it is the key pair “laptop”."),
    ],
)
def test_a_wrong_field_says_why_and_keeps_the_rest(browser, lab, fields, message):
    browser.post(HOME + "import/", asked())
    answer = browser.post(HOME + "import/", asked(**fields))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert (KeyPair.objects.count(), used(lab)) == (1, 1)


def test_another_tenant_may_have_the_same_name_and_key(browser, charlie):
    browser.post(HOME + "import/", asked())
    browser.force_login(charlie)
    assert browser.post("/t/other/key-pairs/import/", asked()).status_code == 303


def test_a_generated_private_key_is_in_one_answer_and_nowhere_else(browser, caplog):
    caplog.set_level(logging.DEBUG)
    form = {"key": uuid.uuid4().hex, "name": "web 🔑", "type": "ed25519"}
    answer = browser.post(HOME + "generate/", form)
    page = answer.content.decode()
    assert (answer.status_code, PRIVATE in page, 'download="web.pem"' in page) == (201, True, True)
    assert "no-store" in answer["Cache-Control"]
    secret = re.search(rf"{PRIVATE}\n(\S+)", page)[1]
    again = browser.post(HOME + "generate/", form).content.decode()
    assert "was made before" in again
    assert PRIVATE not in again + browser.get(HOME).content.decode()
    assert KeyPair.objects.count() == 1
    rows = [*KeyPair.objects.values(), *Entry.objects.values()]
    assert secret not in str(rows) + caplog.text + str(browser.cookies) + str(dict(browser.session))


def test_rsa_is_there_for_windows_and_no_other_type_is(browser):
    form = {"key": "k", "name": "web", "type": "rsa"}
    assert "BEGIN RSA PRIVATE KEY" in browser.post(HOME + "generate/", form).content.decode()
    assert KeyPair.objects.get().kind == "RSA"
    answer = browser.post(HOME + "generate/", form | {"key": "other", "type": "dsa"})
    assert (answer.status_code, "Choose one of these types." in answer.content.decode()) == (422, True)


def test_a_generated_key_is_told_by_htmx_in_the_same_dialog(browser):
    answer = browser.post(HOME + "generate/", {"key": "k", "name": "web", "type": "ed25519"}, headers=HTMX)
    assert answer.status_code == 201
    assert b"<html" not in answer.content
    assert PRIVATE.encode() in answer.content


def test_over_quota_nothing_is_made(browser, lab):
    Quota.objects.filter(tenant=lab, resource="key_pairs").update(limit=0)
    for path, form in (("import/", asked()), ("generate/", {"key": "k", "name": "n", "type": "rsa"})):
        answer = browser.post(HOME + path, form)
        assert (answer.status_code, b"Not enough quota" in answer.content) == (422, True)
    assert (KeyPair.objects.count(), used(lab)) == (0, 0)


def test_deleting_gives_the_quota_back_once(browser, lab):
    browser.post(HOME + "import/", asked())
    key_pair = KeyPair.objects.get()
    assert b"It is on no instance" in browser.get(f"{HOME}{key_pair.pk}/delete/").content
    assert browser.post(f"{HOME}{key_pair.pk}/delete/").status_code == 303
    assert browser.post(f"{HOME}{key_pair.pk}/delete/").status_code == 404
    assert (used(lab), drift(lab)) == (0, {})
    assert [entry.verb for entry in Entry.objects.order_by("number")] == ["key-pair.import", "key-pair.delete"]


def test_a_reader_looks_only(browser, rita):
    browser.post(HOME + "import/", asked())
    browser.force_login(rita)
    page = browser.get(HOME).content.decode()
    assert "laptop" in page
    assert "Generate" not in page
    assert "trash" not in page


def test_the_list_takes_as_many_queries_for_twenty_rows_as_for_one(browser, as_bob, django_assert_max_num_queries):
    for number in range(20):
        actions.generate(as_bob, name=f"k{number}", key=f"k{number}")
    with django_assert_max_num_queries(8):
        browser.get(HOME)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", ["name", "key"])
def test_of_many_at_once_exactly_one_wins(as_bob, same):
    """The same name asked for by many; and the same request sent many times."""

    def ask(number: int) -> str:
        try:
            key = "one" if same == "key" else f"k{number}"
            made = actions.generate(as_bob, name="web", key=key)
            return "made" if made.private_key else "again"
        except actions.Taken as error:
            return error.field
        except QuotaExceeded:
            return "quota"
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as threads:
        answers = list(threads.map(ask, range(16)))
    assert answers.count("made") == 1
    assert set(answers) == {"made", "name" if same == "name" else "again"}
    assert (used(as_bob.tenant), drift(as_bob.tenant)) == (1, {})
