"""The pages of keys: what each role sees, and a secret that is on one page once."""

from __future__ import annotations

import base64
import re

import pytest
from django.test import Client

from dashboard.access.models import AccessKey
from dashboard.access.views import files_of
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import Cloud, CloudAccount
from tests.access.conftest import said, signed_in


@pytest.fixture
def browser(bob):
    """By the door: making a key asks who one is."""
    return signed_in(bob)


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def ask_for(browser, here, label="laptop"):
    form = browser.get(here("create")).context["form"]
    return browser.post(here("create"), {"key": form.initial["key"], "label": label})


def test_from_the_clouds_page_to_files_that_let_in(browser, here, placed, work, lets_in):
    page = browser.get(f"/t/lab/clouds/{placed.pk}/").content.decode()
    assert here() in page
    assert "No keys yet" in said(browser.get(here()))
    answer = ask_for(browser, here)
    assert (answer.status_code, answer["Location"]) == (303, here())
    assert "Being made" in said(browser.get(here()))
    work()
    page = browser.get(here())
    assert "Ready to be shown" in said(page)
    row = AccessKey.objects.get()
    url = here("show", row.pk)
    assert f'action="{url}"' in page.content.decode()
    shown = browser.post(url).content.decode()
    (name,) = re.findall(r'download="([^"]+)"', shown)
    assert name == "lab-pretend-fakerc.sh"
    encoded = re.search(r"base64,([A-Za-z0-9+/=]+)", shown)[1]
    told = dict(re.findall(r"export (FAKE_\w+)=(\S+)", base64.b64decode(encoded).decode()))
    assert lets_in({"place_id": told["FAKE_PLACE"], "key": told["FAKE_KEY"]})
    assert told["FAKE_KEY"] in shown, "for those whose browser takes no such files"
    again = browser.post(url)
    assert "was shown before" in said(again)
    for page in (again, browser.get(here()), browser.get(here("revoke", row.pk))):
        assert told["FAKE_KEY"] not in page.content.decode()
    assert "In use" in said(browser.get(here()))


def test_the_boxes_of_all_files_are_of_one_height(as_bob):
    cloud = Cloud(name="east", kind="openstack", settings={"auth_url": "https://k.example", "ca_bundle": "a\n" * 40})
    secret = {"application_credential_id": "i", "application_credential_secret": "s"}
    assert [one["rows"] for one in files_of(as_bob, cloud, secret)] == [12, 12, 12]


def test_making_one_asks_who_one_is(bob, here):
    answer = browser_of(bob).get(here("create"))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/prove/")


def test_a_form_without_a_label_says_what_is_missing_and_makes_nothing(browser, here):
    answer = ask_for(browser, here, label="")
    assert answer.status_code == 422
    assert "Say what the key is for" in said(answer)
    assert not AccessKey.objects.exists()


def test_what_is_refused_is_said_in_the_form(browser, here, make, bob):
    form = browser.get(here("create")).context["form"]
    make(bob), make(bob)
    answer = browser.post(here("create"), {"key": form.initial["key"], "label": "third"})
    assert answer.status_code == 422
    assert "You have 2 keys here" in said(answer)


def test_revoking_is_a_form_and_a_dialog(browser, here, make, bob, work, good):
    plain, dialog = make(bob, "plain"), make(bob, "dialog")
    assert "Revoke the key plain?" in said(browser.get(here("revoke", plain.pk)))
    part = browser.get(here("revoke", dialog.pk), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-post="' in part
    answer = browser.post(here("revoke", plain.pk))
    assert (answer.status_code, answer["Location"]) == (303, here())
    answer = browser.post(here("revoke", dialog.pk), headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "is being ended" in answer["HX-Trigger"]
    assert "Being ended" in said(browser.get(here()))
    work()
    assert good() == []
    assert "No keys yet" in said(browser.get(here()))


def test_a_member_sees_their_own_and_a_manager_sees_all(here, make, bob, alice):
    make(bob, "of-bob"), make(alice, "of-alice")
    page = said(browser_of(bob).get(here()))
    assert ("of-bob" in page, "of-alice" in page) == (True, False)
    page = said(browser_of(alice).get(here()))
    assert "of-bob" in page
    assert "of-alice" in page
    assert page.index("of-alice") < page.index("of-bob"), "one's own first"


def test_a_manager_may_revoke_anothers_and_not_show_it(here, make, bob, alice):
    row, client = make(bob), browser_of(alice)
    page = client.get(here()).content.decode()
    assert here("revoke", row.pk) in page
    assert here("show", row.pk) not in page
    assert client.post(here("show", row.pk)).status_code == 404
    assert client.post(here("revoke", row.pk)).status_code == 303


def test_a_member_finds_nothing_at_anothers(here, make, bob, alice):
    row = make(alice)
    for name in ("show", "revoke"):
        assert browser_of(bob).post(here(name, row.pk)).status_code == 404


def test_a_reader_is_told_which_role_it_needs(here, placed, rita):
    client = browser_of(rita)
    page = said(client.get(here()))
    assert "This needs the role Member; you may only look." in page
    assert client.post(here("create"), {"label": "x", "key": "k"}).status_code == 403


def test_a_cloud_that_knows_no_people_explains_it(cloud, bob):
    page = browser_of(bob).get(f"/t/lab/clouds/{cloud.pk}/access/")
    assert "This cloud knows no people and no tenants" in said(page)
    assert "Make a key" not in said(page)


def test_a_cloud_on_which_skydeck_may_not_make_keys_says_so(placed, here, bob):
    type(placed).objects.filter(pk=placed.pk).update(features=["places"])
    page = said(browser_of(bob).get(here()))
    assert "Skydeck's credential for this cloud may not make keys" in page.replace("&#x27;", "'")
    assert "Make a key" not in page


def test_keys_that_are_there_are_shown_also_where_no_more_can_be_made(placed, here, bob, make):
    row = make(bob)
    CloudAccount.objects.filter(tenant__slug="lab").update(sealed="")
    page = browser_of(bob).get(here()).content.decode()
    assert "no project on this cloud yet" in page
    assert here("revoke", row.pk) in page


def test_a_tenant_without_a_place_is_told_whom_to_ask(placed, here, bob):
    CloudAccount.objects.filter(tenant__slug="lab").update(sealed="", remote_id="")
    assert "Ask an administrator to make or link one" in said(browser_of(bob).get(here()))


def test_where_programs_find_it_is_said(placed, here, bob, place_id):
    CloudAccount.objects.filter(remote_id=place_id).update(remote_name="lab's <b>project</b>")
    page = browser_of(bob).get(here()).content.decode()
    assert "lab&#x27;s &lt;b&gt;project&lt;/b&gt;" in page
    assert place_id in page


@pytest.fixture
def place_id(placed):
    return placed.accounts.get(tenant__slug="lab").remote_id


def test_what_went_wrong_is_said(here, placed, make, bob, work, fake_path):
    Faults(str(fake_path)).fail("Refused", reason="other", call="issue_key", times=1, detail="policy of the house")
    make(bob, only_ask=True)
    work()
    page = browser_of(bob).get(here())
    assert 'role="alert"' in page.content.decode()
    assert "policy of the house" not in said(page), "the cloud's own words are for administrators"


def test_one_that_may_still_let_in_says_so(here, make, bob, fake_path, work):
    row = make(bob)
    Faults(str(fake_path)).fail("Refused", reason="other", call="revoke_key", times=1, detail="policy")
    client = browser_of(bob)
    client.post(here("revoke", row.pk))
    work()
    assert "May still let in" in said(client.get(here()))
    client.post(here("revoke", row.pk))
    work()
    assert "No keys yet" in said(client.get(here()))


def test_the_page_costs_as_many_queries_for_ten_keys_as_for_two(here, make, alice, bob, django_assert_max_num_queries):
    make(alice), make(bob)
    client = browser_of(alice)
    client.get(here())
    first, of = AccessKey.objects.all()
    for number in range(8):
        AccessKey.objects.create(
            tenant=first.tenant, account=first.account, user=of.user, person="9", label=f"k{number}", key=f"k{number}"
        )
    with django_assert_max_num_queries(16):
        assert said(client.get(here())).count(" Revoke ") == 10


def test_a_tenants_name_and_a_label_are_text(here, make, bob):
    make(bob, "<img src=x onerror=p()>\"'")
    page = browser_of(bob).get(here()).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
