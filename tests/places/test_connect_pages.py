"""Connecting a cloud, as an administrator without JavaScript does it."""

import re
import secrets as random
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.clouds import pasting, secrets
from dashboard.clouds.drivers.openstack import paste
from dashboard.clouds.models import Cloud, CloudAccount, Fetched
from dashboard.clouds.tasks import diagnose, fetch
from dashboard.instances import inventory
from dashboard.operations.models import Operation
from tests.conftest import make_user

PASSWORD = "pw-" + random.token_hex(8)
YAML = f"""
clouds:
  east:
    auth: {{auth_url: "https://east.example:5000/v3", username: root, password: {PASSWORD}, project_name: admin,
            user_domain_name: Default, project_domain_name: Default}}
    region_name: R1
"""
TWO = (
    YAML
    + """
  west:
    auth: {auth_url: "https://west.example:5000/v3", application_credential_id: abc, application_credential_secret: s}
"""
)
OPENRC = """
export OS_AUTH_URL=https://east.example:5000/v3
export OS_USERNAME=root
export OS_PROJECT_NAME=admin
read -sr OS_PASSWORD_INPUT
export OS_PASSWORD=$OS_PASSWORD_INPUT
"""


def paste_in(browser, text, **headers):
    return browser.post("/clouds/connect/", {"text": text}, headers=headers)


@pytest.fixture
def fake_form(fake_path):
    return {
        "name": "pretend",
        "path": str(fake_path),
        "delay_s": "0",
        "places": "yes",
        "tenants_bring": "",
    }


class TestPaste:
    def test_one_cloud_becomes_a_draft_that_is_tested(self, admin_browser):
        answer = paste_in(admin_browser, YAML)
        cloud = Cloud.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"/clouds/{cloud.pk}/")
        assert (cloud.name, cloud.kind, cloud.is_draft, cloud.is_testing) == ("east", "openstack", True, True)
        assert cloud.connection()["password"] == PASSWORD

    def test_a_secret_is_sealed_and_on_no_page_and_in_no_trail(self, admin_browser, caplog):
        page = admin_browser.get(paste_in(admin_browser, YAML)["Location"]).content.decode()
        cloud = Cloud.objects.get()
        edit = admin_browser.get(f"/clouds/{cloud.pk}/edit/").content.decode()
        kept = [str(entry.before) + str(entry.after) for entry in Entry.objects.all()]
        for text in (page, edit, str(cloud.settings), cloud.sealed, *kept, caplog.text):
            assert PASSWORD not in text
        assert "stored, encrypted" in page

    def test_of_several_it_is_asked_which(self, admin_browser):
        answer = paste_in(admin_browser, TWO)
        assert answer["Location"] == "/clouds/connect/choose/"
        assert not Cloud.objects.exists()
        page = admin_browser.get(answer["Location"]).content.decode()
        assert "east.example" in page
        assert "west.example" in page
        assert PASSWORD not in page
        admin_browser.post("/clouds/connect/choose/", {"chosen": ["1"]})
        assert [cloud.name for cloud in Cloud.objects.all()] == ["west"]

    def test_both_of_several_are_connected_at_once(self, admin_browser):
        paste_in(admin_browser, TWO)
        answer = admin_browser.post("/clouds/connect/choose/", {"chosen": ["0", "1"]})
        assert answer["Location"] == "/clouds/"
        assert {cloud.name: cloud.is_testing for cloud in Cloud.objects.all()} == {"east": True, "west": True}

    def test_none_chosen_is_said(self, admin_browser):
        paste_in(admin_browser, TWO)
        answer = admin_browser.post("/clouds/connect/choose/", {})
        assert answer.status_code == 422
        assert "Choose at least one." in answer.content.decode()

    def test_a_password_that_is_not_in_an_openrc_is_asked_for(self, admin_browser):
        answer = paste_in(admin_browser, OPENRC)
        cloud = Cloud.objects.get()
        assert answer["Location"] == f"/clouds/{cloud.pk}/edit/"
        page = admin_browser.get(answer["Location"]).content.decode()
        assert 'value="https://east.example:5000/v3"' in page
        assert "It holds no password" in page
        assert not cloud.is_testing

    def test_the_same_name_twice_gets_a_number(self, admin_browser):
        paste_in(admin_browser, YAML)
        paste_in(admin_browser, YAML)
        assert sorted(Cloud.objects.values_list("name", flat=True)) == ["east", "east-2"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "Paste a clouds.yaml"),
            ("hello: world", "neither a clouds.yaml nor an openrc"),
            ("clouds:\n  a: [", "not valid YAML"),
        ],
    )
    def test_what_cannot_be_read_is_said_and_changes_nothing(self, admin_browser, text, message):
        answer = paste_in(admin_browser, text)
        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert not Cloud.objects.exists()

    def test_what_was_pasted_is_never_shown_again_and_htmx_leaves_it_alone(self, admin_browser):
        bad = YAML + "  a: ["
        whole = paste_in(admin_browser, bad).content.decode()
        assert PASSWORD not in whole
        assert "paste it once more" in whole
        part = paste_in(admin_browser, bad, **{"HX-Request": "true"}).content.decode()
        assert "<textarea" not in part
        assert "Line" in part

    def test_every_code_has_its_words(self):
        assert set(pasting.ERRORS) == set(paste.ERRORS)
        assert set(pasting.NOTES) == set(paste.NOTES)


class TestGive:
    """The clouds.yaml of somebody who is no administrator, as a cloud offers it beside an application credential."""

    YAML = """
clouds:
  mine:
    auth: {auth_url: "https://east.example:5000/v3", application_credential_id: abc, application_credential_secret: s3}
"""

    @pytest.fixture
    def draft(self, admin_browser, lab):
        paste_in(admin_browser, self.YAML)
        Cloud.objects.update(tested_at=timezone.now())
        return Cloud.objects.get()

    def test_before_the_test_and_of_an_administrator_it_is_not_offered(self, admin_browser, draft):
        rights = {"step": "rights", "state": "ok", "code": "", "detail": "", "values": {"roles": "admin"}}
        for tested_at, findings in ((None, []), (timezone.now(), [rights])):
            Cloud.objects.update(tested_at=tested_at, findings=findings)
            assert "Give it to the tenant" not in admin_browser.get(f"/clouds/{draft.pk}/").content.decode()

    def test_a_projects_credential_is_given_to_a_tenant_and_the_cloud_keeps_none(self, admin_browser, draft):
        assert "Give it to the tenant" in admin_browser.get(f"/clouds/{draft.pk}/").content.decode()
        answer = admin_browser.post(f"/clouds/{draft.pk}/give/", {"tenant": "lab"})
        assert answer["Location"] == f"/clouds/{draft.pk}/tenants/lab/"
        draft.refresh_from_db()
        assert (draft.is_draft, draft.tenants_bring) == (False, True)
        assert "application_credential_id" not in draft.connection()
        account = CloudAccount.objects.get()
        brought = {"application_credential_id": "abc", "application_credential_secret": "s3"}
        assert secrets.unseal(account.brought) == brought
        assert account.sealed == ""
        assert Operation.objects.get().kind == "place.bring"

    def test_a_tenant_that_does_not_exist_gets_nothing(self, admin_browser, draft):
        answer = admin_browser.post(f"/clouds/{draft.pk}/give/", {"tenant": "nobody"})
        assert "Choose a tenant." in admin_browser.get(answer["Location"]).content.decode()
        assert Cloud.objects.get().is_draft

    def test_an_administrators_password_is_no_projects_credential(self, admin_browser, lab):
        paste_in(admin_browser, YAML)
        cloud = Cloud.objects.get()
        assert "Give it to the tenant" not in admin_browser.get(f"/clouds/{cloud.pk}/").content.decode()
        admin_browser.post(f"/clouds/{cloud.pk}/give/", {"tenant": "lab"})
        assert Cloud.objects.get().is_draft
        assert not CloudAccount.objects.exists()


class TestForm:
    def test_a_filled_form_is_a_draft_that_is_tested(self, admin_browser, fake_form):
        answer = admin_browser.post("/clouds/connect/fake/", fake_form)
        cloud = Cloud.objects.get()
        assert answer["Location"] == f"/clouds/{cloud.pk}/"
        assert (cloud.is_draft, cloud.is_testing, cloud.has_places) == (True, True, True)

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("name", "", "Give the cloud a name."),
            ("name", "a b", "letters, numbers, underscores or hyphens"),
            ("auth_url", "", "This field is required."),
            ("auth_url", "keystone:5000", "This is no web address."),
            ("ca_bundle", "hello", "This is no certificate."),
            ("interface", "other", "Select a valid choice"),
            ("username", "", "Fill in a user and a password"),
            ("password", "", "Type the password of this user."),
            ("project", "", "Name a project"),
        ],
    )
    def test_a_wrong_field_says_why_and_the_rest_is_kept(self, admin_browser, field, value, message):
        form = {"name": "east", "auth_url": "https://east.example/v3", "username": "root", "password": PASSWORD}
        form |= {"project": "admin", "interface": "public", "region": "kept-region"}
        answer = admin_browser.post("/clouds/connect/openstack/", form | {field: value})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert re.search(rf'id="{field}-error"[^§]{{0,200}}?{re.escape(message)}', page)
        assert 'value="kept-region"' in page
        assert PASSWORD not in page
        assert not Cloud.objects.exists()

    def test_a_name_that_is_taken_is_said(self, admin_browser, placed, fake_form):
        answer = admin_browser.post("/clouds/connect/fake/", fake_form | {"name": "east"})
        assert "Another cloud has this name already." in answer.content.decode()

    def test_tenants_that_bring_their_own_need_no_administrator(self, admin_browser):
        form = {"name": "east", "auth_url": "https://east.example/v3", "tenants_bring": "yes", "interface": "public"}
        admin_browser.post("/clouds/connect/openstack/", form | {"username": "root", "password": PASSWORD})
        cloud = Cloud.objects.get()
        assert cloud.tenants_bring
        assert "username" not in cloud.settings
        assert not cloud.sealed

    def test_an_empty_secret_stays_as_it_is(self, admin_browser):
        paste_in(admin_browser, YAML)
        cloud = Cloud.objects.get()
        form = {**cloud.settings, "name": "renamed", "interface": "public", "password": ""}
        assert admin_browser.post(f"/clouds/{cloud.pk}/edit/", form).status_code == 303
        cloud.refresh_from_db()
        assert (cloud.name, cloud.connection()["password"]) == ("renamed", PASSWORD)

    def test_at_another_address_the_secret_is_asked_for_again(self, admin_browser):
        paste_in(admin_browser, YAML)
        cloud = Cloud.objects.get()
        form = {**cloud.settings, "name": "east", "interface": "public", "password": ""}
        moved = admin_browser.post(f"/clouds/{cloud.pk}/edit/", form | {"auth_url": "https://evil.example/v3"})
        assert (moved.status_code, Cloud.objects.get().settings) == (422, cloud.settings)
        assert "Type the password of this user." in moved.content.decode()

    def test_of_several_entries_for_one_cloud_only_the_first_is_ticked(self, admin_browser):
        two = YAML + YAML.split("clouds:\n", 1)[1].replace("east:", "again:", 1)
        admin_browser.post("/clouds/connect/", {"text": two})
        page = admin_browser.get("/clouds/connect/choose/").content.decode()
        assert (page.count('name="chosen"'), page.count(" checked")) == (2, 1)

    def test_a_secret_that_cannot_be_read_can_be_typed_again(self, admin_browser, settings):
        from cryptography.fernet import Fernet

        paste_in(admin_browser, YAML)
        cloud = Cloud.objects.get()
        settings.FIELD_KEYS = [Fernet.generate_key().decode()]
        diagnose(str(cloud.pk))
        assert "sealed with a key" in admin_browser.get(f"/clouds/{cloud.pk}/").content.decode()
        form = {**cloud.settings, "name": "east", "interface": "public", "password": "new"}
        assert admin_browser.post(f"/clouds/{cloud.pk}/edit/", form).status_code == 303
        assert secrets.unseal(Cloud.objects.get().sealed) == {"password": "new"}

    def test_a_kind_that_does_not_exist_is_not_found(self, admin_browser):
        assert admin_browser.get("/clouds/connect/nothing/").status_code == 404


class TestTheTest:
    @pytest.fixture
    def draft(self, admin_browser, fake_form):
        admin_browser.post("/clouds/connect/fake/", fake_form)
        return Cloud.objects.get()

    def page(self, browser, cloud):
        return browser.get(f"/clouds/{cloud.pk}/").content.decode()

    def test_a_page_calls_no_cloud(self, admin_browser, draft, fake_path):
        self.page(admin_browser, draft)
        assert not fake_path.exists()

    def test_each_step_is_shown_with_its_result(self, admin_browser, draft):
        assert "Looking…" in self.page(admin_browser, draft)
        diagnose(str(draft.pk))
        page = self.page(admin_browser, draft)
        assert page.count('<li class="ok">') == 7
        assert "All is well." in page
        assert "Looking…" not in page

    def test_each_finding_is_told_to_the_browser_as_soon_as_it_is_known(self, draft):
        from dashboard.live.models import Event

        Event.objects.all().delete()
        diagnose(str(draft.pk))
        assert Event.objects.filter(topic="clouds", object_id=str(draft.pk)).count() == 8

    def test_what_is_wrong_has_its_cause_and_what_follows_is_not_asked(self, admin_browser, draft, faults):
        faults.fail("AuthFailed", call="check", times=None, detail="the cloud's own words")
        diagnose(str(draft.pk))
        page = self.page(admin_browser, draft)
        assert '<li class="bad">' in page
        assert '<li class="skipped">' in page
        assert "the cloud&#x27;s own words" in page
        assert "Something is not as it should be." in page

    def test_what_was_not_asked_without_a_credential_is_said_once_with_what_to_do(self, admin_browser, draft):
        skipped = {"state": "skipped", "code": "", "values": {}, "detail": "", "took_s": 0}
        found = [{**skipped, "step": step} for step in ("catalogue", "identity", "compute")]
        found.insert(0, {**skipped, "step": "sign-in", "code": "no-credential"})
        Cloud.objects.update(findings=found, tested_at=timezone.now(), test_asked_at=None)
        page = " ".join(self.page(admin_browser, draft).split())
        assert page.count("Not asked") == 1
        assert "Catalogue, Keystone, Compute (Nova). They need an administrator's credential" in page

    @pytest.mark.parametrize(("hours", "is_old"), [(3, True), (0, False)])
    def test_what_did_well_before_the_key_was_refused_does_not_look_current(self, admin_browser, draft, hours, is_old):
        diagnose(str(draft.pk))
        now = timezone.now()
        lost = {"health": "refused", "checked_at": now - timedelta(minutes=1), "is_draft": False}
        Cloud.objects.update(tested_at=now - timedelta(hours=hours), **lost)
        page = self.page(admin_browser, draft)
        assert ("From before, " in page, 'class="findings outdated"' in page) == (is_old, is_old)
        assert ("Tested " in page) is not is_old

    def test_a_driver_that_breaks_is_an_end_too(self, admin_browser, draft):
        Cloud.objects.update(settings={"path": "/nowhere/at/all", "places": "yes", "delay_s": "soon"})
        diagnose(str(draft.pk))
        draft.refresh_from_db()
        assert not draft.is_testing
        assert draft.findings[-1]["code"] == "internal"

    def test_a_draft_is_used_by_nobody_until_it_is_said(self, admin_browser, draft, alice, lab):
        assert admin_browser.get(f"/clouds/{draft.pk}/tenants/").status_code == 404
        answer = admin_browser.post(f"/clouds/{draft.pk}/use/")
        assert answer["Location"] == f"/clouds/{draft.pk}/tenants/"
        assert "Lab" in admin_browser.get(answer["Location"]).content.decode()
        assert Entry.objects.filter(verb="cloud.use", object_name="pretend").count() == 1

    def test_a_draft_is_not_synced(self, draft, fake_path):
        assert not inventory.sync_cloud(draft.pk)
        assert not fake_path.exists()

    def test_every_change_is_in_the_audit_trail(self, admin_browser, draft):
        admin_browser.post(f"/clouds/{draft.pk}/test/")
        admin_browser.post(f"/clouds/{draft.pk}/use/")
        verbs = Entry.objects.order_by("number").values_list("verb", flat=True)
        assert list(verbs) == ["cloud.connect", "cloud.test", "cloud.use"]


class TestLists:
    def test_without_a_cloud_the_page_says_what_to_do(self, admin_browser):
        page = admin_browser.get("/clouds/").content.decode()
        assert "No cloud yet" in page
        assert 'href="/clouds/connect/"' in page

    @pytest.mark.parametrize("count", [1, 30])
    def test_the_list_takes_three_queries(self, admin_browser, count, django_assert_num_queries):
        Cloud.objects.bulk_create(Cloud(name=f"c-{n}", kind="fake", settings={"path": "x"}) for n in range(count))
        with django_assert_num_queries(3):
            admin_browser.get("/clouds/")

    def test_the_capacity_page_shows_hosts_with_their_age(self, admin_browser, placed):
        assert "No hosts known" in admin_browser.get(f"/clouds/{placed.pk}/capacity/").content.decode()
        admin_browser.post(f"/clouds/{placed.pk}/fetch/hosts/")
        assert Fetched.objects.get().is_under_way
        fetch(str(placed.pk), "hosts")
        page = admin_browser.get(f"/clouds/{placed.pk}/capacity/").content.decode()
        assert "0 of 32" in page
        assert "read 0 s ago" in re.sub(r"<[^>]+>", "", page)

    def test_hosts_that_cannot_be_read_say_why_and_the_old_ones_stay(self, admin_browser, placed, faults):
        fetch(str(placed.pk), "hosts")
        faults.fail("Refused", call="hosts", reason="policy")
        fetch(str(placed.pk), "hosts")
        page = admin_browser.get(f"/clouds/{placed.pk}/capacity/").content.decode()
        assert "0 of 32" in page
        assert "refused" in page.lower()

    def test_a_stranger_finds_nothing_and_a_member_reads_why(self, lab, bob, placed):
        for person, status in ((make_user("stranger"), 404), (bob, 403)):
            client = Client()
            client.force_login(person)
            answer = client.get("/clouds/")
            assert answer.status_code == status
        assert "This needs the role Administrator." in answer.content.decode()

    def test_an_administrator_finds_the_way_from_everywhere(self, admin_browser, lab):
        assert 'href="/clouds/"' in admin_browser.get("/t/lab/").content.decode()

    def test_a_member_is_shown_no_way_there(self, client, bob):
        client.force_login(bob)
        assert 'href="/clouds/"' not in client.get("/t/lab/").content.decode()
