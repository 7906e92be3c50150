"""What a Eucalyptus would refuse is said before it is asked, at the field, and what was typed is kept."""

from __future__ import annotations

import uuid
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dashboard.images.models import Image
from dashboard.instances import bulk, inventory
from dashboard.instances.models import Instance
from dashboard.keypairs.actions import import_key
from dashboard.keypairs.public_keys import Type, generate, read
from dashboard.quotas.reservations import drift
from tests.conftest import make_tenant

from .conftest import text_of, used

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LAUNCH = "/t/lab/instances/launch/"
HTMX = {"HX-Request": "true"}
MOST = 16384


def key_of(type_):
    return generate(comment="me", type=type_)[1].text


@pytest.fixture
def key_pair(as_bob):
    """One of the tenant, of a type."""
    return lambda type_: import_key(as_bob, name=type_, public_key=read(key_of(type_)), key=uuid.uuid4().hex)


@pytest.fixture
def send(account, image, small, as_person):
    """Sends the launch form; `how="explain"` only asks what it would do."""
    filled = {"cloud": account.cloud_id, "name": "web", "count": "1", "image": image.pk, "flavor": small.pk}

    def post(how="", **typed):
        asked = {**filled, "key": uuid.uuid4().hex, **typed} | ({how: "1"} if how else {})
        answer = as_person.post(LAUNCH, asked, headers=HTMX if how else {})
        return answer, unescape(text_of(answer))

    return post


def errors_of(answer):
    return answer.context["form"].errors


# --- keys ------------------------------------------------------------------------------------


def test_a_key_pair_of_another_type_is_refused_at_its_field(remote, send, key_pair):
    row = key_pair(Type.ED25519)
    answer, page = send(key_pair=row.pk)
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"key_pair"}
    why = "takes keys of the type ssh-rsa only, and this one is ED25519"
    assert why in page
    assert "generate or import one of that type" in page
    assert f'<option value="{row.pk}" selected>' in page
    assert why in send("explain", key_pair=row.pk)[1]
    assert (Instance.objects.count(), remote.asked("ImportKeyPair")) == (0, [])


def test_so_is_one_that_is_pasted_and_none_is_kept(send):
    answer, page = send(key_pair="paste", public_key=key_of(Type.ED25519), keep_as="mine")
    assert (answer.status_code, set(errors_of(answer))) == (422, {"public_key"})
    assert "takes keys of the type ssh-rsa only" in page
    assert ("~/.ssh/id_rsa.pub" in page, "id_ed25519.pub" in page) == (True, False)


def test_what_was_pasted_before_does_not_count_beside_a_chosen_one(send, key_pair):
    answer, _page = send(key_pair=key_pair(Type.ED25519).pk, public_key=key_of(Type.ED25519))
    assert set(errors_of(answer)) == {"key_pair"}


def test_one_of_rsa_is_launched_with(remote, send, key_pair, work):
    assert send(key_pair=key_pair(Type.RSA).pk)[0].status_code == 303
    work()
    assert Instance.objects.get().failure == ""
    assert len(remote.asked("ImportKeyPair")) == 1


def test_the_way_to_a_new_key_pair_begins_with_rsa(account, as_person):
    assert "?for-launch=1&type=rsa" in unescape(text_of(as_person.get(LAUNCH)))
    dialog = text_of(as_person.get("/t/lab/key-pairs/generate/?for-launch=1&type=rsa"))
    assert '<option value="rsa" selected>' in dialog


# --- tags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("aws:web", "keeps for itself what begins with aws:"),
        ("euca:web", "keeps for itself what begins with euca:"),
        ("Name", "keeps “Name” for itself"),
        ("skydeck:web", "tags that begin with skydeck: are Skydeck's own"),
    ],
)
def test_a_reserved_tag_is_refused_at_the_launch_and_later(remote, send, launch, work, as_person, tag, why):
    answer, page = send(tags=f"blue, {tag}")
    assert (answer.status_code, set(errors_of(answer))) == (422, {"tags"})
    assert why in page
    assert why in send("explain", tags=tag)[1]
    instance = launch()
    work()
    asked = as_person.post(f"/t/lab/instances/{instance.pk}/tags/", {"tags": f"blue, {tag}"})
    page = unescape(text_of(asked))
    assert (asked.status_code, why in page, f"blue, {tag}" in page) == (422, True, True)
    assert "aws:" not in str(remote.asked("CreateTags"))


def test_so_is_a_reserved_key_of_metadata(launch, work, as_person):
    instance = launch()
    work()
    asked = as_person.post(f"/t/lab/instances/{instance.pk}/metadata/", {"metadata": "a=b\nName=x"})
    assert asked.status_code == 422
    assert "Line 2: The cloud euca keeps “Name” for itself." in unescape(text_of(asked))


def test_of_many_those_that_cannot_have_it_are_told(launch, work, as_bob):
    launch()
    work()
    judged = bulk.Judged(as_bob, bulk.DEEDS["add-tags"], Instance.objects.all(), tags=["blue", "aws:web"])
    assert judged.fitting == []
    assert "begins with aws:" in judged.reasons[0].text


# --- user data ---------------------------------------------------------------------------------------


def script(size):
    return "#!" + "x" * (size - 2)


def test_more_user_data_than_it_takes_is_refused_with_both_sizes(send):
    why = "It has 16,385 bytes; 16,384 are possible."
    answer, page = send(user_data=script(MOST + 1))
    assert (answer.status_code, set(errors_of(answer))) == (422, {"user_data"})
    assert why in page
    assert script(MOST + 1) in page
    assert "This cannot be sent as it is." in send("explain", user_data=script(MOST + 1))[1]


def test_so_is_a_file_with_it(send):
    answer, page = send(user_data_file=SimpleUploadedFile("x", script(20000).encode()))
    assert answer.status_code == 422
    assert "It has 20,000 bytes; 16,384 are possible." in page


def test_it_is_said_while_it_is_typed_and_for_the_cloud_that_is_chosen(account, as_person):
    def check(**typed):
        return text_of(as_person.post(f"{LAUNCH}user-data/", {"cloud": account.cloud_id, **typed}))

    assert "It has 16,385 bytes; 16,384 are possible." in check(user_data=script(MOST + 1))
    assert "It has 20,000 bytes; 16,384 are possible." in check(user_data="", user_data_size="20000")
    assert "no problem found" in check(user_data=script(MOST))


def test_as_much_as_it_takes_is_launched_with(send, work):
    assert send(user_data=script(MOST))[0].status_code == 303
    work()
    assert Instance.objects.get().failure == ""


# --- the account's name ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "name"), [("123456789012", "account-123456789012"), ("x" * 64, "x" * 63), ("lab-2", "lab-2")]
)
def test_the_name_that_is_proposed_for_an_account_is_one_that_it_takes(cloud, as_root, work, slug, name):
    tenant = make_tenant(slug)
    here = f"/clouds/{cloud.pk}/tenants/{slug}/"
    assert f'name="name" value="{name}"' in text_of(as_root.get(here))
    assert as_root.post(f"{here}make/", {"name": name}).status_code == 303
    work()
    assert cloud.accounts.get(tenant=tenant).remote_name == name


def test_a_name_that_it_would_refuse_is_refused_at_once_with_one_that_would_do(remote, cloud, as_root, lab):
    before = len(remote.requests)
    answer = as_root.post(f"/clouds/{cloud.pk}/tenants/lab/make/", {"name": "Lab 1"})
    page = unescape(text_of(answer))
    assert answer.status_code == 422
    assert "The cloud does not take “Lab 1” as the name of an account. “lab-1” would do." in page
    assert 'name="name" value="Lab 1"' in page
    assert 'aria-invalid="true"' in page
    assert not cloud.accounts.exists()
    assert len(remote.requests) == before


# --- the root disk ----------------------------------------------------------------------------------


@pytest.fixture
def with_root(remote, account):
    """200 GiB, and the flavor has less."""
    next(one for one in remote.images.values() if one.platform).size_gib = 200
    assert inventory.sync_account(account.pk)
    return Image.objects.get(cloud=account.cloud, name="Windows Server 2016")


def root_sent(remote):
    return remote.asked("RunInstances")[0].parameters["BlockDeviceMapping.1.Ebs.VolumeSize"]


@pytest.mark.parametrize(("typed", "gib"), [("", 200), ("245", 245)])
def test_a_root_disk_is_as_large_as_the_image_needs_or_as_was_asked(
    remote, account, send, with_root, small, work, lab, typed, gib
):
    assert small.disk_gib < 200
    _answer, page = send("explain", image=with_root.pk, root_disk_gib=typed)
    assert f"{gib} GiB of disk" in page
    answer, page = send(image=with_root.pk, root_disk_gib=typed)
    assert answer.status_code == 303, page
    work()
    assert inventory.sync_account(account.pk)
    row = Instance.objects.get()
    assert (row.status, row.disk_gib, root_sent(remote)) == ("ACTIVE", gib, str(gib))
    assert [one.size_gib for one in remote.volumes.values()] == [gib]
    assert (used(lab, "disk_gib"), drift(lab)) == (gib, {})


@pytest.mark.parametrize("how", ["", "explain"])
def test_a_root_disk_that_is_too_small_is_refused_at_its_field(remote, send, with_root, how):
    answer, page = send(how, image=with_root.pk, root_disk_gib="199")
    assert "Windows Server 2016 needs at least 200 GiB." in page
    if not how:
        assert (answer.status_code, set(errors_of(answer))) == (422, {"root_disk_gib"})
    assert remote.asked("RunInstances") == []


def test_an_image_of_the_instance_store_has_no_root_disk_to_choose(remote, send):
    answer, page = send(root_disk_gib="20")
    assert (answer.status_code, set(errors_of(answer))) == (422, {"root_disk_gib"})
    assert "its disk has the flavor's size" in page
