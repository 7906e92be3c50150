"""The administrator's password in a real browser: decrypted there, with a key that is never sent."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from dashboard.clouds.drivers.fake import outside
from dashboard.instances import passwords
from dashboard.instances.models import Instance, PasswordData
from tests.chromium import picture, window
from tests.web import web_process

from .conftest import again

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
PASSWORD = "pa$$ Wörd <b>1</b>"
PKCS1, PKCS8, OPENSSH = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8, PrivateFormat.OpenSSH


def pem(key, form=PKCS1, passphrase=""):
    how = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, how).decode()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encrypted_for(key, text=PASSWORD):
    return base64.b64encode(key.public_key().encrypt(text.encode(), padding.PKCS1v15())).decode()


@pytest.fixture
def guest(launch, work, key, fake_path, monkeypatch):
    """It has told its password to the cloud; `fetched()` is what a worker does, once one is rung."""
    instance = launch("win-1")
    work()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    Instance.objects.update(public_key=public)
    again(instance)
    instance.rung = []
    monkeypatch.setattr(passwords, "ring", lambda one: instance.rung.append(one.pk))

    def fetched():
        with transaction.atomic():
            passwords.fetch(str(instance.pk))

    instance.fetched = fetched
    outside.give_password(str(fake_path), instance.remote_id, data=encrypted_for(key))
    return instance


@pytest.fixture
def web():
    with web_process() as web:
        yield web


@pytest.fixture
def page(chromium, web, bob, guest):
    """Every request that it makes is in `page.sent`."""
    guest.fetched()
    with window(chromium, web, bob) as page:
        page.sent = []
        page.on("request", lambda request: page.sent.append(f"{request.method} {request.url} {request.post_data}"))
        show(page, guest)
        yield page


def show(page, guest):
    page.goto(f"/t/lab/instances/{guest.pk}/password/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def decrypt(page, text):
    page.get_by_label("Private key").fill(text)
    page.get_by_role("button", name="Decrypt").click()


def problem(page):
    return page.locator("#private-key-error")


@pytest.mark.parametrize("form", [PKCS1, PKCS8])
def test_it_is_read_with_the_key_which_goes_nowhere_and_does_not_stay(page, key, form):
    text = pem(key, form)
    decrypt(page, text)
    expect(page.locator("#password-text")).to_have_text(PASSWORD)
    expect(page.locator("#password-text")).to_be_focused()
    expect(page.get_by_label("Private key")).to_be_hidden()
    assert page.locator("#private-key").input_value() == ""
    assert page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)].join()").count("KEY") == 0
    secrets = (PASSWORD, *text.split("\n")[1:-2])
    assert not [sent for sent in page.sent if any(secret in sent for secret in secrets)]
    assert {sent.split()[0] for sent in page.sent} == {"GET"}


def test_its_file_does_as_well_and_it_is_hidden_and_shown_and_goes_with_the_page(page, key, guest):
    whole = {"name": "key.pem", "mimeType": "application/x-pem-file", "buffer": pem(key).encode()}
    page.get_by_label("Or its file").set_input_files(whole)
    page.get_by_role("button", name="Decrypt").click()
    expect(page.locator("#password-text")).to_have_text(PASSWORD)
    assert page.locator("#private-key-file").evaluate("(field) => field.files.length") == 0
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#password-text")).not_to_contain_text("W")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#password-text")).to_have_text(PASSWORD)
    page.goto(f"/t/lab/instances/{guest.pk}/")
    page.go_back()
    expect(page.get_by_label("Private key")).to_be_visible()
    assert PASSWORD not in page.content()


def test_it_is_copied_also_while_it_is_hidden(page, key):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    decrypt(page, pem(key))
    page.get_by_role("button", name="Hide").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == PASSWORD


OTHER = {bits: rsa.generate_private_key(public_exponent=65537, key_size=bits) for bits in (1024, 2048)}
WRONG = {
    "another": (pem(OTHER[2048]), "This key does not fit"),
    "a smaller one": (pem(OTHER[1024]), "This key does not fit"),
    "a passphrase": (pem(OTHER[2048], passphrase="secret"), "protected by a passphrase"),
    "a passphrase, PKCS#8": (pem(OTHER[2048], PKCS8, passphrase="secret"), "openssl rsa -in KEY -out key.pem"),
    "OpenSSH": (pem(OTHER[2048], OPENSSH), "ssh-keygen -p -N '' -m PEM -f key.pem"),
    "PuTTY": ("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "PuTTYgen"),
    "public": ("ssh-rsa AAAAB3NzaC1yc2E me@here", "This is a public key."),
    "EC": (pem(ec.generate_private_key(ec.SECP256R1())), "This is no RSA key"),
    "EC, PKCS#8": (pem(ec.generate_private_key(ec.SECP256R1()), PKCS8), "This is no RSA key"),
    "cut": ("\n".join(pem(OTHER[2048]).split("\n")[:9]) + "\n-----END RSA PRIVATE KEY-----", "This is no RSA key"),
    "no end": (pem(OTHER[2048])[:400], "This is no private key"),
    "text": ("hello <img src=x>", "This is no private key"),
    "nothing": ("", "Paste the private key"),
}


def test_what_is_no_fitting_key_is_said_at_the_field_and_nothing_is_lost(page, key):
    for what, (text, said) in WRONG.items():
        decrypt(page, text)
        expect(problem(page), what).to_contain_text(said)
        expect(page.get_by_label("Private key"), what).to_be_focused()
        expect(page.get_by_label("Private key"), what).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Private key"), what).to_have_value(text)
        expect(page.locator("#unlocked")).to_be_hidden()
    decrypt(page, pem(key))
    expect(page.locator("#password-text")).to_have_text(PASSWORD)


def test_it_appears_by_itself_and_another_one_takes_back_what_was_read(chromium, web, bob, guest, key, fake_path):
    outside.give_password(str(fake_path), guest.remote_id, data="")
    guest.fetched()
    with window(chromium, web, bob) as page:
        show(page, guest)
        expect(page.get_by_text("There is none yet.")).to_be_visible()
        expect(page.get_by_label("Private key")).to_be_hidden()
        outside.give_password(str(fake_path), guest.remote_id, data=encrypted_for(key))
        guest.fetched()
        expect(page.get_by_text("The password is there, encrypted")).to_be_visible()
        decrypt(page, pem(key))
        expect(page.locator("#password-text")).to_have_text(PASSWORD)
        outside.give_password(str(fake_path), guest.remote_id, data=encrypted_for(key, "another"))
        guest.fetched()
        expect(page.get_by_label("Private key")).to_be_visible()
        assert PASSWORD not in page.content()


def test_while_there_is_none_a_page_that_is_looked_at_asks_again(chromium, web, bob, guest, monkeypatch):
    monkeypatch.setattr(passwords, "PERIOD_S", 1)
    long_ago = timezone.now() - passwords.UNANSWERED
    with window(chromium, web, bob) as page:
        show(page, guest)
        PasswordData.objects.update(asked_at=long_ago)
        before = len(guest.rung)
        page.wait_for_timeout(2500)
        assert len(guest.rung) > before


def test_without_javascript_there_is_the_command(chromium, web, bob, guest):
    guest.fetched()
    with window(chromium, web, bob, java_script_enabled=False) as page:
        page.goto(f"/t/lab/instances/{guest.pk}/password/")
        expect(page.get_by_text("needs JavaScript")).to_be_visible()
        expect(page.locator("#private-key")).to_be_hidden()
        page.get_by_text("Decrypt it yourself").click()
        expect(page.get_by_role("region", name="Command")).to_contain_text("openssl pkeyutl -decrypt -inkey key.pem")


def test_axe_finds_nothing_and_nothing_is_cut_off_on_a_phone(page, key):
    page.evaluate(AXE)
    decrypt(page, WRONG["OpenSSH"][0])
    page.get_by_text("Decrypt it yourself").click()
    look_at(page, "password-wrong")
    decrypt(page, pem(key))
    look_at(page, "password-read")


def look_at(page, name):
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            picture(page, f"{name}-{width}-{scheme}")
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
