"""The administrator's password: who may see what the cloud has, how often it is asked, and that it opens by hand."""

import base64
import re
import subprocess
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Feature, Status
from dashboard.images.models import Image
from dashboard.instances import inventory, passwords
from dashboard.instances.models import Instance, PasswordData
from dashboard.live.models import Event

pytestmark = pytest.mark.django_db
RSA = "ssh-rsa AAAA me"
PASSWORD = "correct-Horse 7"


@pytest.fixture
def active(launch, work):
    instance = launch("win-1")
    work()
    Instance.objects.update(public_key=RSA)
    instance.refresh_from_db()
    return instance


@pytest.fixture
def rung(monkeypatch):
    """The instances for which a worker was asked."""
    asked = []
    monkeypatch.setattr(passwords, "ring", lambda instance: asked.append(instance.pk))
    return asked


@pytest.fixture
def see(bob, rung, django_capture_on_commit_callbacks):
    """What the page says to a member, with the spaces of a browser."""
    browser = Client()
    browser.force_login(bob)

    def open_page(instance):
        with django_capture_on_commit_callbacks(execute=True):
            answer = browser.get(reverse("instances:password", args=["lab", instance.pk]))
        assert answer.status_code == 200
        return answer.content.decode()

    return open_page


def kept(instance, **fields):
    now = timezone.now()
    fields = {"taken_at": now, "asked_at": now} | fields
    return PasswordData.objects.update_or_create(instance=instance, defaults=fields)[0]


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


# --- who sees what -------------------------------------------------------------------


def test_a_reader_is_told_why_not_and_has_no_link(active, rita, bob):
    browser, link = Client(), reverse("instances:password", args=["lab", active.pk])
    browser.force_login(rita)
    assert "This needs the role Member" in browser.get(link).content.decode()
    detail = reverse("instances:detail", args=["lab", active.pk])
    assert f'href="{link}"' not in browser.get(detail).content.decode()
    browser.force_login(bob)
    assert f'href="{link}"' in browser.get(detail).content.decode()


def test_a_cloud_that_keeps_none_says_so_is_not_asked_and_has_no_link(see, active, rung, bob):
    active.cloud.features = [name for name in active.cloud.features if name != Feature.PASSWORD]
    active.cloud.save(update_fields=["features"])
    assert "keeps none of its guests" in see(active)
    assert rung == []
    browser = Client()
    browser.force_login(bob)
    page = browser.get(reverse("instances:detail", args=["lab", active.pk])).content.decode()
    assert reverse("instances:password", args=["lab", active.pk]) not in page
    assert re.search(r"does not offer: [^<]*Administrator&#x27;s password", page)


@pytest.mark.parametrize(("is_windows", "is_offered"), [(True, True), (None, True), (False, False)])
def test_it_is_offered_unless_the_image_is_another_system(see, active, rung, bob, fake_path, is_windows, is_offered):
    outside.set_system(str(fake_path), active.image.remote_id, is_windows=is_windows)
    assert inventory.sync_cloud(active.cloud_id)
    link = f'href="{reverse("instances:password", args=["lab", active.pk])}"'
    browser = Client()
    browser.force_login(bob)
    pages = (reverse("instances:index", args=["lab"]), reverse("instances:detail", args=["lab", active.pk]))
    assert [link in browser.get(page).content.decode() for page in pages] == [is_offered, is_offered]
    said = f"Only Windows makes one, and the image {active.image.name} says that it is another system."
    assert ((said in see(active)), bool(rung)) == (not is_offered, is_offered)


def test_a_worker_that_is_rung_for_another_system_asks_nobody(active, fake_path):
    Image.objects.update(is_windows=False)
    passwords.fetch(str(active.pk))
    assert not PasswordData.objects.exists()


def test_the_list_says_it_without_a_query_more(active, launch, work, bob, fake_path, django_assert_num_queries):
    browser = Client()
    browser.force_login(bob)
    with CaptureQueriesContext(connection) as before:
        browser.get(reverse("instances:index", args=["lab"]))
    for name in ("a", "b", "c"):
        launch(name)
    work()
    Image.objects.update(is_windows=False)
    with django_assert_num_queries(len(before)):
        browser.get(reverse("instances:index", args=["lab"]))


def test_what_there_is_to_say_before_there_is_one(see, active):
    assert "The cloud is being asked." in see(active)
    kept(active)
    assert "There is none yet." in see(active)
    for key, said in (("", "without a public key"), ("ssh-ed25519 AAAA me", "one of the kind ssh-ed25519")):
        Instance.objects.update(public_key=key)
        active.refresh_from_db()
        assert said in see(active)


def test_a_failure_is_said_in_words_and_what_was_known_stays(see, active):
    kept(active, data="xlozO3w=", failure="ec2-not-running")
    page = see(active)
    assert "of such the cloud tells neither console log nor password" in page
    assert 'data-data="xlozO3w="' in page


def test_it_takes_few_queries(active, bob, rung, django_assert_max_num_queries):
    kept(active, data="xlozO3w=")
    browser = Client()
    browser.force_login(bob)
    with django_assert_max_num_queries(9):
        browser.get(reverse("instances:password", args=["lab", active.pk]))


# --- how often its cloud is asked -------------------------------------------------------


def test_a_hundred_looks_ring_once(see, active, rung):
    for _ in range(100):
        see(active)
    assert rung == [active.pk]


@pytest.mark.parametrize(
    ("seconds", "fields", "rings"),
    [
        (5, {}, False),
        (11, {}, True),
        (11, {"data": "xlozO3w="}, False),
        (61, {"data": "xlozO3w="}, True),
        (11, {"taken_at": None}, False),  # the cloud has not answered yet
        (61, {"taken_at": None}, True),
        (11, {"failure": "unavailable"}, False),
        (31, {"failure": "unavailable"}, True),
    ],
)
def test_it_is_asked_as_often_as_is_of_use(see, active, rung, seconds, fields, rings):
    kept(active, **{"taken_at": ago(seconds - 1), "asked_at": ago(seconds)} | fields)
    see(active)
    assert bool(rung) is rings


def test_of_one_that_is_gone_nothing_is_asked(see, active, rung):
    Instance.objects.update(deleted_at=timezone.now(), status=Status.DELETED)
    active.refresh_from_db()
    assert "the cloud does not have this instance" in see(active)
    assert rung == []


# --- what the worker brings ----------------------------------------------------------------


def test_pages_hear_of_it_when_it_is_there(active, fake_path):
    passwords.fetch(str(active.pk))
    passwords.fetch(str(active.pk))
    assert Event.objects.filter(topic="password").count() == 1
    outside.give_password(str(fake_path), active.remote_id, data="xloz\r\nO3w=\n")
    passwords.fetch(str(active.pk))
    assert Event.objects.filter(topic="password").count() == 2
    assert PasswordData.objects.get().data == "xlozO3w="


@pytest.mark.parametrize("hostile", ["'; rm -rf ~ #", "<b>x</b>", "AAA", "ä" * 8, "A" * 4100])
def test_what_a_guest_left_there_that_is_no_base64_is_not_kept(see, active, fake_path, hostile):
    outside.give_password(str(fake_path), active.remote_id, data=hostile)
    passwords.fetch(str(active.pk))
    known = PasswordData.objects.get()
    assert (known.data, known.failure) == ("", "password-unfit")
    page = see(active)
    assert "nothing that was encrypted" in page
    assert hostile not in page


def test_a_cloud_that_is_away_is_said_and_takes_nothing(active, fake_path):
    kept(active, data="xlozO3w=")
    Faults(str(fake_path)).fail("Unavailable", call="password_data")
    passwords.fetch(str(active.pk))
    known = PasswordData.objects.get()
    assert known.data == "xlozO3w="
    assert known.failure
    passwords.fetch(str(active.pk))
    assert PasswordData.objects.get().data == ""  # it answered: there is none any more


def test_the_command_on_the_page_decrypts_it(see, active, tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    data = base64.b64encode(key.public_key().encrypt(PASSWORD.encode(), padding.PKCS1v15())).decode()
    kept(active, data=data)
    command = re.search(r'<pre class="raw"[^>]*>(.*?)</pre>', see(active), re.DOTALL)[1]
    command = strip_tags(command).replace("&#x27;", "'")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    said = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    assert said.stdout.decode() == PASSWORD
