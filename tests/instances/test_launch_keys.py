"""The key and the user data of a launch: chosen, pasted, kept, uploaded, sealed; and shown to whom."""

import logging
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dashboard.audit.models import Entry
from dashboard.clouds.drivers.fake import outside
from dashboard.instances.models import Instance
from dashboard.keypairs import actions as key_pairs
from dashboard.keypairs.models import KeyPair
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift

from .conftest import used

HTMX = {"HX-Request": "true"}
PATH = "/t/lab/instances/launch/"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpgGrHxMbvhHH+VrqfCBuLGHvWc2SbmzjZIfvQ3wn1R bob@desk"
SECRET = "#cloud-config\npassword: not to be seen\n"


@pytest.fixture
def form(cloud, image, small):
    return {"name": "web-1", "cloud": cloud.pk, "image": image.pk, "flavor": small.pk, "key": uuid.uuid4().hex}


@pytest.fixture
def laptop(as_bob):
    return key_pairs.generate(as_bob, name="laptop", key="laptop").key_pair


def post(browser, form, **changed):
    return browser.post(PATH, form | changed)


def test_a_key_pair_that_was_chosen_is_on_the_instance_and_tells_when_it_was_used(browser, form, laptop):
    assert post(browser, form, key_pair=laptop.pk).status_code == 303
    instance = Instance.objects.get()
    laptop.refresh_from_db()
    assert (instance.public_key, instance.key_pair) == (laptop.public_key, laptop)
    assert laptop.last_used_at is not None
    assert b"web-1" in browser.get(f"/t/lab/key-pairs/{laptop.pk}/delete/").content


def test_an_instance_keeps_the_key_of_a_deleted_key_pair(browser, form, laptop):
    post(browser, form, key_pair=laptop.pk)
    browser.post(f"/t/lab/key-pairs/{laptop.pk}/delete/")
    instance = Instance.objects.get()
    assert (instance.public_key, instance.key_pair) == (laptop.public_key, None)


def test_another_tenants_key_pair_cannot_be_chosen(browser, form, laptop, other):
    KeyPair.objects.update(tenant=other)
    answer = post(browser, form, key_pair=laptop.pk)
    assert (answer.status_code, b"does not exist any more" in answer.content) == (422, True)


def test_a_pasted_key_is_kept_as_a_key_pair_once(browser, form, lab):
    asked = {"key_pair": "paste", "public_key": KEY, "keep_as": "laptop"}
    post(browser, form, **asked)
    post(browser, form, **asked)
    instance, key_pair = Instance.objects.get(), KeyPair.objects.get()
    assert (instance.key_pair, key_pair.name, used(lab, "key_pairs")) == (key_pair, "laptop", 1)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"key_pair": "paste"}, "Paste the public key, or choose a key pair."),
        ({"public_key": KEY, "keep_as": "laptop"}, "There is a key pair of this name already."),
        ({"public_key": KEY, "keep_as": "x" * 300}, "at most 255 characters"),
        ({"user_data": "#cloud-config\nruncmd: ls"}, "line 2, column 1, runcmd</b> It has to be a list, and is text."),
        ({"user_data": "#cloud-config\n" + "x" * 1_000_000}, "It has 1,000,014 bytes; 49,149 are possible."),
        ({"user_data_file": SimpleUploadedFile("x", b"\x1f\x8b\x08")}, "It is compressed."),
        ({"user_data_file": SimpleUploadedFile("x", b"a\n\xff\xfe")}, "line 2, column 1</b> It is not text"),
        ({"user_data_file": SimpleUploadedFile("x", b"a" * 3_000_000)}, "It has 3,000,000 bytes"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said_and_nothing_is_launched(browser, form, laptop, asked, message):
    for file in (value for value in asked.values() if hasattr(value, "seek")):
        file.seek(0)
    answer = post(browser, form, **asked)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert (Instance.objects.count(), KeyPair.objects.count()) == (0, 1)


def test_what_is_wrong_with_user_data_is_said_once_and_found_from_the_summary(browser, form):
    page = post(browser, form, user_data="#cloud-config\nruncmd: ls").content.decode()
    assert page.count("It has to be a list, and is text.") == 1
    assert '<a href="#id_user_data">User data</a>: This cannot be sent as it is.' in page


def test_a_megabyte_in_a_plain_form_is_refused_by_the_field_too(browser, form):
    from urllib.parse import urlencode

    body = urlencode(form | {"user_data": "é\n" * 300_000})
    answer = browser.post(PATH, body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, b"bytes; 49,149 are possible" in answer.content) == (422, True)


def test_a_private_key_in_the_launch_form_is_not_sent_back(browser, form):
    answer = post(browser, form, public_key="-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz")
    assert (answer.status_code, b"This is a private key." in answer.content) == (422, True)
    assert b"b3BlbnNz" not in answer.content


def test_over_quota_for_key_pairs_says_so_at_the_name_and_launches_nothing(browser, form, lab):
    Quota.objects.filter(tenant=lab, resource="key_pairs").update(limit=0)
    answer = post(browser, form, public_key=KEY, keep_as="laptop")
    assert (answer.status_code, b"Not enough quota: Key pairs" in answer.content) == (422, True)
    assert (Instance.objects.count(), drift(lab)) == (0, {})


@pytest.mark.parametrize(
    ("name", "limit", "words"),
    [
        ("taken", 9, "There is a key pair of this name already."),
        ("fresh", 1, "Not enough quota: Key pairs, 1 needed and 0 left."),
        ("fresh", 9, "It fits."),
    ],
)
def test_whether_a_pasted_key_could_be_kept_is_said_before_the_launch(browser, form, lab, as_bob, name, limit, words):
    key_pairs.generate(as_bob, name="taken", key="k")
    Quota.objects.filter(tenant=lab, resource="key_pairs").update(limit=limit)
    asked = form | {"explain": "1", "public_key": KEY, "keep_as": name}
    text = browser.post(PATH, asked, headers=HTMX).content.decode()
    assert words in text
    assert ("It fits." in text) == (words == "It fits.")


def test_a_key_that_an_earlier_try_kept_does_not_stand_in_its_way(browser, form, lab):
    Quota.objects.filter(tenant=lab, resource="key_pairs").update(limit=1)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=0)
    assert post(browser, form, public_key=KEY, keep_as="laptop").status_code == 422
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=9)
    assert post(browser, form, public_key=KEY, keep_as="laptop").status_code == 303
    assert Instance.objects.get().key_pair == KeyPair.objects.get()


def test_user_data_reach_the_guest_and_are_nowhere_else(browser, form, work, fake_path, caplog, alice):
    caplog.set_level(logging.DEBUG)
    post(browser, form, user_data=SECRET.replace("\n", "\r\n"), count="2")
    work()
    instances = list(Instance.objects.all())
    assert [outside.user_data_of(str(fake_path), one.remote_id) for one in instances] == [SECRET] * 2
    rows = [*Instance.objects.values(), *Operation.objects.values(), *Entry.objects.values()]
    pages = [browser.get(f"/t/lab/{path}").content for path in ("instances/", f"instances/{instances[0].pk}/")]
    assert "not to be seen" not in str(rows) + str(pages) + caplog.text


def test_a_file_counts_as_if_it_had_been_typed(browser, form, work, fake_path):
    post(browser, form, user_data_file=SimpleUploadedFile("user-data", b"\xef\xbb\xbf" + SECRET.encode()))
    work()
    assert outside.user_data_of(str(fake_path), Instance.objects.get().remote_id) == SECRET


def test_no_list_reads_user_data(browser, form, django_assert_num_queries):
    post(browser, form, user_data=SECRET)
    with django_assert_num_queries(1) as queries:
        list(Instance.objects.all())
    assert "user_data" not in queries[0]["sql"]


def test_user_data_are_shown_to_members_only_and_that_is_written_down(browser, form, rita):
    post(browser, form, user_data=SECRET)
    instance = Instance.objects.get()
    path = f"/t/lab/instances/{instance.pk}/user-data/"
    assert SECRET in browser.post(path, headers=HTMX).content.decode()
    shown = Entry.objects.get(verb="user-data.show")
    assert (shown.actor, shown.object_id) == ("bob", str(instance.pk))
    browser.force_login(rita)
    assert browser.post(path).status_code == 403


def test_a_cloud_that_takes_none_is_offered_none(browser, form, cloud):
    cloud.features = [feature for feature in cloud.features if feature not in {"user-data", "public-key"}]
    cloud.save()
    page = browser.get(PATH).content.decode()
    assert "id_user_data" not in page
    assert "cannot put keys into instances" in page
    post(browser, form, user_data=SECRET, public_key=KEY)
    instance = Instance.objects.get()
    assert (instance.user_data, instance.public_key) == ("", "")


def test_what_is_typed_is_looked_at_on_the_way(browser):
    part = browser.post("/t/lab/instances/launch/user-data/", {"user_data": "#cloud-config\nruncmd: ls"}, headers=HTMX)
    assert part.status_code == 200
    assert b"runcmd</b> It has to be a list" in part.content
    assert b"<html" not in part.content


@pytest.mark.parametrize(
    ("size", "says"), [("3000000", "It has 3,000,000 bytes"), ("10", "line 1, column 6"), ("9" * 99, "column 6")]
)
def test_of_a_file_that_is_too_large_its_size_is_enough(browser, size, says):
    data = {"user_data": "#!bin\ufffd", "user_data_size": size}
    assert says in browser.post("/t/lab/instances/launch/user-data/", data, headers=HTMX).content.decode()


@pytest.mark.parametrize(
    ("text", "heading"), [("#!" + "a" * 100_000, "Too large"), ("a\0b", "Not text"), ("\x1f\ufffd\x08", "Compressed")]
)
def test_what_cannot_be_user_data_has_a_heading_that_says_why(browser, text, heading):
    part = browser.post("/t/lab/instances/launch/user-data/", {"user_data": text}, headers=HTMX).content.decode()
    assert f"<span>{heading}</span>" in part
