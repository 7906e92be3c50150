"""What the page says of a launch while it is typed: names, quota, room, time, and what it lacks."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import Cloud, Fetched
from dashboard.images.models import Image
from dashboard.instances.models import Flavor, Instance
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota

HTMX = {"HX-Request": "true"}
PATH = "/t/lab/instances/launch/"


@pytest.fixture
def typed(cloud, image, small):
    return {"name": "web-{n:02}", "count": "3", "cloud": cloud.pk, "image": image.pk, "flavor": small.pk}


def part(browser, typed, **changed):
    return browser.get(PATH, typed | changed, headers=HTMX).content.decode()


def test_the_part_beside_the_form_says_names_quota_and_room(browser, typed, figures):
    text = part(browser, typed)
    assert text.strip().startswith('<section id="explanation"')
    for words in (
        "web-01",
        "web-03",
        "0 → 3",
        "have room for 2 of 3 now",
        "1 of 2 hosts can take one or more of them.",
    ):
        assert words in text
    assert "room for 2" in text
    assert "1 of 2 hosts can take it." in part(browser, typed, count="1")


def test_members_see_no_names_of_hosts_and_administrators_do(browser, typed, figures, root):
    assert "fake-host" not in part(browser, typed)
    browser.force_login(root)
    assert "fake-host" in part(browser, typed)


@pytest.mark.parametrize(
    "odd",
    [
        {"count": "0"}, {"count": "1e9"}, {"count": "-1"}, {"name": "{0.__class__}"}, {"name": "x" * 300},
        {"name": "\N{ROCKET}{n}"}, {"first": "-"}, {"flavor": "rubbish"}, {"image": ""}, {"zone": "<i>"},
        {"boot_volume_gib": "9" * 5000}, {"cloud": "rubbish"}, {"server_group": "new", "group_policy": "odd"},
    ],
)  # fmt: skip
def test_whatever_was_typed_so_far_something_is_said(browser, typed, odd, figures):
    answer = browser.get(PATH, typed | odd, headers=HTMX)
    assert (answer.status_code, b"<i>" in answer.content) == (200, False)
    assert b'id="explanation"' in answer.content


def explain(browser, typed, **changed):
    """As the form asks for it while it is typed."""
    answer = browser.post(PATH, typed | {"explain": "1", "key": "k"} | changed, headers=HTMX)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("odd", "field", "words"),
    [
        ({"name": ""}, "name", "Give the instance a name."),
        ({"name": "x" * 300}, "name", "at most 255 characters"),
        ({"name": "{"}, "name", "In a name only {n} stands for the number"),
        ({"count": "51"}, "count", "Type a whole number from 1 to 50."),
        ({"first": "-1"}, "first", "Type a whole number from 0 to 999999."),
        ({"image": ""}, "image", "Choose an image."),
        ({"flavor": ""}, "flavor", "Choose a flavor."),
        ({"key_pair": "paste"}, "public_key", "Paste the public key, or choose a key pair."),
        ({"tags": "a" * 61}, "tags", "60"),
        ({"user_data": "#cloud-config\nruncmd: ls"}, "user_data", "This cannot be sent as it is."),
        ({"user_data": "#!\ufffd", "user_data_size": "9"}, "user_data", "This cannot be sent as it is."),
        ({"user_data_size": "300000"}, "user_data", "This cannot be sent as it is."),
    ],
)
def test_what_a_launch_would_refuse_is_said_first_and_nothing_is_promised(browser, typed, odd, field, words):
    assert ("All 3 fit." in explain(browser, typed), "Not ready" in explain(browser, typed)) == (True, False)
    text = explain(browser, typed, **odd)
    assert "Not ready to be launched yet." in text
    assert words in text.partition(f'href="#id_{field}"')[2]
    assert ("All 3 fit." in text, "It fits." in text) == (False, False)
    assert Instance.objects.count() == 0


def test_an_untouched_form_says_what_it_lacks_and_is_not_marked_yet(browser, typed):
    page = browser.get(PATH).content.decode()
    assert "Give the instance a name." in page.partition('id="explanation"')[2]
    assert ("aria-invalid" in page, "Nothing was launched" in page) == (False, False)


def test_too_little_quota_is_said_beside_what_is_missing_in_the_form(browser, typed, lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=2)
    text = explain(browser, typed, name="")
    assert "Give the instance a name." in text
    assert "2 of 3 would fit. None is launched unless all fit." in text
    assert "and for one alone" in explain(browser, typed, flavor=Flavor.objects.get(name="large").pk)


def test_who_can_give_more_quota_is_named_and_administrators_may_themselves(browser, typed, lab, alice, root):
    assert "alice" not in explain(browser, typed)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=0)
    assert "For more quota ask a manager of this tenant: alice." in explain(browser, typed)
    browser.force_login(root)
    text = explain(browser, typed)
    assert 'you may raise the limits: <a href="/quotas/tenants/lab/">' in text
    assert "alice" not in text


def test_the_names_are_a_sentence_and_say_which_are_passed_over(browser, typed, launch):
    launch("web-02")
    text = re.sub(r"<[^>]+>|\s+", " ", explain(browser, typed))
    assert "They are called web-01 , web-03 and web-04 ." in re.sub(" +", " ", text)
    assert "web-02 is passed over, since another instance has that name." in text


def test_how_long_it_usually_takes_is_shown(browser, typed, launch, work):
    assert "nobody knows how long it takes" in explain(browser, typed)
    launch("earlier")
    work()
    now = timezone.now()
    Operation.objects.update(created_at=now, finished_at=now + timedelta(seconds=42))
    text = explain(browser, typed, count="1")
    assert "Usually ready in 42 s; nine of ten within 42 s." in text
    assert "Seen at the last launch of this image on this cloud." in text
    text = explain(browser, typed)
    assert "One alone is usually ready in 42 s; nine of ten within 42 s. 3 at once take longer." in text


def test_the_size_that_was_chosen_is_told(browser, typed):
    assert "Each has 1 vCPU, 512 MiB of memory and 5 GiB of disk." in explain(browser, typed)
    assert "It has 1 vCPU, 512 MiB of memory and 5 GiB of disk." in explain(browser, typed, count="1")
    medium = Flavor.objects.get(name="medium").pk
    assert "Each has 2 vCPUs, 1 GiB of memory and 10 GiB of disk." in explain(browser, typed, flavor=medium)


def test_without_javascript_the_button_update_explains_and_keeps_what_was_typed(browser, typed):
    page = browser.post(PATH, typed | {"update": "1", "count": "2"}).content.decode()
    assert 'value="web-{n:02}"' in page
    assert "0 → 2" in page
    assert Instance.objects.count() == 0


def test_another_cloud_is_chosen_with_what_carries_over(browser, typed, second, small):
    page = browser.post(PATH, typed | {"switch": second.pk, "public_key": "kept"}).content.decode()
    there = Flavor.objects.get(cloud=second)
    assert f'<option value="{there.pk}" selected>' in page
    assert f'<option value="{Image.objects.get(cloud=second).pk}" selected>' in page
    assert ("kept" in page, str(small.pk) in page) == (True, False)


def test_another_cloud_whose_own_limit_is_too_small_says_by_how_much(browser, typed, second, lab):
    limits = {"vcpus": {"limit": 8, "used": 7}, "ram_mib": {"limit": 1024, "used": 1843200}}
    second.accounts.filter(tenant=lab).update(limits=limits, limits_read_at=timezone.now())
    page = part(browser, typed)
    assert "vCPUs: the cloud itself allows 8; this would be 2 too much." in page
    assert "Memory: the cloud itself allows 1 GiB; this would be 1,800.5 GiB too much." in page


def test_a_quota_that_was_taken_meanwhile_is_said_with_the_new_figures(browser, typed, lab, alice):
    assert "All 3 fit." in part(browser, typed)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=2)
    answer = browser.post(PATH, typed | {"key": uuid.uuid4().hex})
    page = answer.content.decode()
    assert (answer.status_code, Instance.objects.count()) == (422, 0)
    for words in ("Not enough quota: vCPUs, 3 needed and 2 left.", "0 → 3", "1 too much", 'value="web-{n:02}"'):
        assert words in page
    assert page.count("For more quota ask a manager of this tenant: alice.") == 1


def test_a_flavor_that_went_meanwhile_is_said_at_its_field(browser, typed, small):
    Flavor.objects.filter(pk=small.pk).update(is_gone=True)
    answer = browser.post(PATH, typed | {"key": uuid.uuid4().hex})
    assert (answer.status_code, "This flavor does not exist any more" in answer.content.decode()) == (422, True)


def test_a_cloud_that_is_away_is_said_with_since_when(browser, typed, cloud, fake_path):
    Faults(str(fake_path)).away()
    Cloud.objects.filter(pk=cloud.pk).update(health="away", seen_at=timezone.now() - timedelta(minutes=5))
    text = part(browser, typed)
    assert "A launch is accepted, and done when it answers again." in text
    assert "5 min" in text


def test_figures_are_said_with_their_age(browser, typed, figures):
    Fetched.objects.update(read_at=timezone.now() - timedelta(minutes=3))
    text = part(browser, typed)
    assert "The cloud counted this" in text
    assert ">3 min</time>" in text


def test_opening_the_page_asks_for_fresh_figures_once_a_minute(browser, typed, cloud):
    browser.get(PATH)
    asked_at = Fetched.objects.get(cloud=cloud, what="hosts").asked_at
    browser.get(PATH)
    assert asked_at == Fetched.objects.get(cloud=cloud, what="hosts").asked_at is not None
    Fetched.objects.update(asked_at=None, read_at=timezone.now() - timedelta(minutes=2))
    part(browser, typed)
    assert Fetched.objects.get(cloud=cloud, what="hosts").asked_at is None
    browser.get(PATH)
    assert Fetched.objects.get(cloud=cloud, what="hosts").asked_at is not None


def test_hosts_that_nobody_has_counted_yet_are_being_asked(browser, typed, cloud):
    assert "Its hosts are being counted" in part(browser, typed)
    Cloud.objects.filter(pk=cloud.pk).update(features=[])
    assert "It does not tell what its hosts can take" in part(browser, typed)
