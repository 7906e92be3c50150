"""The pages of tenants on a cloud, as a browser without JavaScript gets them."""

import re

import pytest
from django.test import Client

from dashboard.audit.models import Entry
from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.tasks import fetch
from dashboard.images.models import Image
from dashboard.instances import inventory
from dashboard.instances.actions import launch
from dashboard.instances.models import Flavor, Instance, Stray
from dashboard.operations.models import Operation
from dashboard.places.tasks import read_limits_of
from dashboard.quotas.models import Quota
from tests.conftest import make_tenant

HTMX = {"HX-Request": "true"}


@pytest.fixture
def here(placed):
    return f"/clouds/{placed.pk}/tenants/"


@pytest.fixture
def do(admin_browser, here):
    """A verb on lab's place, by its form."""
    return lambda verb, **values: admin_browser.post(f"{here}lab/{verb}/", values)


@pytest.fixture
def made(placed, lab, do, work):
    do("make", name="lab")
    work()
    return CloudAccount.objects.get(tenant=lab)


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


class TestList:
    def test_every_tenant_with_its_state(self, admin_browser, here, lab, other, made):
        page = admin_browser.get(here).content.decode()
        assert re.search(rf'id="t-{lab.pk}".*?>There<', page, re.DOTALL)
        assert re.search(rf'id="t-{other.pk}".*?>Not there<.*?Give a project', page, re.DOTALL)

    def test_without_tenants_it_says_what_to_do(self, admin_browser, here):
        assert "No tenant yet" in admin_browser.get(here).content.decode()

    def test_it_finds_by_name(self, admin_browser, here, lab, other):
        page = admin_browser.get(here, {"q": "oth"}).content.decode()
        assert "Other" in page
        assert ">Lab<" not in page
        assert "Nothing found" in admin_browser.get(here, {"q": "zzz"}).content.decode()

    @pytest.mark.parametrize("count", [2, 60])
    def test_it_takes_nine_queries_for_two_tenants_and_for_sixty(
        self, admin_browser, here, made, count, django_assert_num_queries
    ):
        for number in range(count):
            make_tenant(f"t-{number}")
        with django_assert_num_queries(9):
            admin_browser.get(here)

    def test_what_is_under_way_is_shown_and_then_what_came_of_it(self, admin_browser, here, lab, do, work, faults):
        faults.fail("Refused", call="create_place", reason="policy")
        do("make", name="lab")
        assert "Under way" in words(admin_browser.get(here))
        work()
        page = words(admin_browser.get(here))
        assert "Failed" in page
        assert "Make a project: The cloud" in page
        assert "Try again" in page


class TestPlace:
    def test_a_project_is_made_by_a_form(self, do, here, lab, admin_browser):
        answer = do("make", name="lab")
        assert (answer.status_code, answer["Location"]) == (303, f"{here}lab/")
        page = words(admin_browser.get(f"{here}lab/"))
        assert "Make the project" in page
        assert "Give up" in page

    @pytest.mark.parametrize(
        ("verb", "values", "message"),
        [
            ("make", {"name": " "}, "Give the project a name."),
            ("link", {"place": ""}, "Choose a project."),
        ],
    )
    def test_what_is_missing_is_said(self, do, lab, verb, values, message):
        answer = do(verb, **values)
        assert answer.status_code == 422
        assert message in words(answer)
        assert not CloudAccount.objects.exists()

    def test_a_failure_is_told_in_words_and_tried_again(self, do, here, lab, other, admin_browser, work):
        admin_browser.post(f"{here}other/make/", {"name": "same"})
        work()
        do("make", name="same")
        work()
        page = admin_browser.get(f"{here}lab/").content.decode()
        assert "The cloud has a project with this name already" in page
        assert 'name="name" value="same"' in page
        do("make", name="another")
        work()
        assert "There" in words(admin_browser.get(f"{here}lab/"))

    def test_projects_to_link_come_from_a_worker_and_are_offered_once(self, do, here, lab, made, placed, admin_browser):
        placed.driver().places.create(mark="", name="grown")
        fetch(str(placed.pk), "places")
        make_tenant("new")
        page = admin_browser.get(f"{here}new/").content.decode()
        assert re.search(r"<option value=\"\w+\">grown \(fake\)</option>", page)
        assert re.search(r"<option value=\"\w+\" disabled>lab \(fake\): Lab</option>", page)

    def test_no_secret_is_on_the_page(self, made, here, admin_browser):
        page = admin_browser.get(f"{here}lab/").content.decode()
        assert made.credential_id in page
        assert made.connection()["key"] not in page

    def test_a_fragment_is_no_page(self, made, here, admin_browser):
        part = admin_browser.get(f"{here}lab/", headers=HTMX).content
        assert b"<html" not in part
        assert b'id="live"' in part

    def test_a_page_takes_sixteen_queries(self, made, here, admin_browser, django_assert_max_num_queries):
        with django_assert_max_num_queries(16):
            admin_browser.get(f"{here}lab/")

    def test_a_tenant_or_verb_that_does_not_exist_is_not_found(self, admin_browser, here, lab):
        assert admin_browser.get(f"{here}nobody/").status_code == 404
        assert admin_browser.post(f"{here}lab/nothing/").status_code == 404
        assert admin_browser.get(f"{here}lab/unlink/").status_code == 404

    def test_a_place_that_is_not_there_refuses_with_words(self, do, lab, here, admin_browser):
        do("rotate")
        assert "The tenant has no place on this cloud." in words(admin_browser.get(f"{here}lab/"))


class TestLimits:
    def test_what_differs_is_shown_for_each_resource(self, made, placed, here, admin_browser):
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7, "ram_mib": None})
        read_limits_of(str(made.pk))
        page = words(admin_browser.get(f"{here}lab/"))
        assert "2 limits differ" in page
        assert "vCPUs 20 7 0 lower on the cloud" in page
        assert "Memory 16 GiB unlimited" in page
        assert "2 differ" in words(admin_browser.get(here))

    def test_adopting_takes_the_clouds_number_and_is_audited(self, made, placed, do, lab):
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7})
        read_limits_of(str(made.pk))
        do("adopt", resource="vcpus")
        assert Quota.objects.get(tenant=lab, resource="vcpus").limit == 7
        entry = Entry.objects.get(verb="quota.adopt")
        assert (entry.before, entry.after) == ({"vcpus": 20}, {"vcpus": 7})

    def test_pushing_sets_only_what_differs(self, made, placed, do, work, calls):
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7})
        before = len(calls("set_quotas"))
        do("push")
        work()
        assert placed.driver().quotas.get(made.remote_id)["vcpus"].limit == 20
        assert len(calls("set_quotas")) == before + 1
        do("push")
        work()
        assert len(calls("set_quotas")) == before + 1

    def test_a_limit_that_the_cloud_never_told_cannot_be_adopted(self, made, do, lab, here, admin_browser):
        do("adopt", resource="disk_gib")
        assert Quota.objects.get(tenant=lab, resource="disk_gib").limit == 100
        assert "told no limit" in words(admin_browser.get(f"{here}lab/"))

    def test_a_member_sees_where_the_cloud_allows_less(self, made, placed, client, bob):
        client.force_login(bob)
        assert "own limit is lower" not in words(client.get("/t/lab/"))
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7})
        read_limits_of(str(made.pk))
        assert "vCPUs on east: 7, here 20" in words(client.get("/t/lab/"))

    def test_a_cloud_that_is_away_leaves_what_was_read(self, made, faults):
        faults.away()
        read_limits_of(str(made.pk))
        made.refresh_from_db()
        assert made.limits["vcpus"]["limit"] == 20


class TestUnlink:
    @pytest.fixture
    def grown(self, made, fake_path, lab, as_bob, placed, work):
        """A server in it that nobody of us made, and one of ours."""
        outside.make_instance(str(fake_path), place_id=made.remote_id, name="by-hand")
        assert inventory.sync_account(made.pk)
        image, flavor = Image.objects.filter(cloud=placed).first(), Flavor.objects.get(cloud=placed, name="m1.small")
        launch(as_bob, cloud=placed, image=image, flavor=flavor, name="ours", key="1")
        work()
        return list(Instance.objects.filter(tenant=lab, status=Status.ACTIVE))

    def test_it_says_before_what_will_happen(self, grown, here, admin_browser):
        page = words(admin_browser.get(f"{here}lab/unlink/"))
        assert "Nothing on the cloud is deleted:" in page
        assert f"{len(grown)} instances are closed here" in page
        assert "by-hand" in page
        assert "ours" in page

    def test_it_wants_the_name_typed(self, made, do):
        answer = do("unlink", name="Lab!")
        assert answer.status_code == 422
        assert "Type the tenant's name exactly" in answer.content.decode().replace("&#x27;", "'")
        assert not Operation.objects.open().exists()

    def test_rows_are_closed_quota_is_free_and_the_servers_run_on(self, grown, made, do, work, lab, calls):
        assert Quota.objects.get(tenant=lab, resource="instances").used == len(grown)
        do("unlink", name="lab")
        work()
        closed = Instance.objects.filter(tenant=lab)
        assert {(row.status, row.failure) for row in closed} == {(Status.DELETED, "unlinked")}
        assert Quota.objects.get(tenant=lab, resource="instances").used == 0
        assert calls("delete") == []

    def test_linked_again_they_are_seen_again_and_nothing_is_reaped(self, grown, made, do, work, lab, calls):
        do("unlink", name="lab")
        work()
        do("link", place=made.remote_id)
        work()
        account = CloudAccount.objects.get(tenant=lab)
        for _look in range(3):
            CloudAccount.objects.update(full_at=None)
            assert inventory.sync_account(account.pk)
        present = Instance.objects.for_tenant(lab).present()
        assert sorted(row.name for row in present) == sorted(row.name for row in grown)
        assert Quota.objects.get(tenant=lab, resource="instances").used == len(grown)
        assert calls("delete") == []
        assert not Stray.objects.exists()


class TestCloudWithoutPlaces:
    def test_a_tenant_is_let_in_and_taken_out_again(self, cloud, admin_browser):
        make_tenant("new")
        here = f"/clouds/{cloud.pk}/tenants/new/"
        assert "may not work on pretend yet" in words(admin_browser.get(here))
        admin_browser.post(f"{here}admit/")
        assert CloudAccount.objects.filter(cloud=cloud, tenant__slug="new").exists()
        admin_browser.post(f"{here}unlink/", {"name": "new"})
        assert not CloudAccount.objects.filter(cloud=cloud, tenant__slug="new").exists()
        assert list(Entry.objects.filter(object_kind="place").values_list("verb", flat=True)) == [
            "place.admit",
            "place.unlink",
        ]

    def test_a_tenant_with_instances_stays(self, cloud, launch, work, admin_browser):
        launch()
        work()
        answer = admin_browser.post(f"/clouds/{cloud.pk}/tenants/lab/unlink/", {"name": "lab"})
        assert answer.status_code == 422
        assert "still has instances on this cloud: 1" in words(answer)
        assert CloudAccount.objects.filter(cloud=cloud, tenant__slug="lab").exists()


class TestRemove:
    def test_it_lists_what_stands_against_it(self, made, placed, admin_browser):
        page = words(admin_browser.get(f"/clouds/{placed.pk}/remove/"))
        assert "Lab has a project there" in page
        answer = admin_browser.post(f"/clouds/{placed.pk}/remove/", {"name": "east"})
        assert answer.status_code == 422
        assert Cloud.objects.exists()

    def test_an_instance_stands_against_it(self, cloud, launch, work, admin_browser):
        launch("web-1")
        work()
        assert "web-1 an instance of Lab" in words(admin_browser.get(f"/clouds/{cloud.pk}/remove/"))
        admin_browser.post(f"/clouds/{cloud.pk}/remove/", {"name": "pretend"})
        assert Cloud.objects.exists()

    def test_it_wants_the_name_typed_and_keeps_the_audit_trail(self, made, placed, do, work, admin_browser):
        do("unlink", name="lab")
        work()
        assert admin_browser.post(f"/clouds/{placed.pk}/remove/", {"name": "no"}).status_code == 422
        assert admin_browser.post(f"/clouds/{placed.pk}/remove/", {"name": "east"})["Location"] == "/clouds/"
        assert not Cloud.objects.exists()
        assert Entry.objects.filter(verb="place.make").exists()
        assert Entry.objects.get(verb="cloud.remove").object_name == "east"

    def test_a_draft_goes_at_once(self, placed, admin_browser):
        Cloud.objects.update(is_draft=True)
        admin_browser.post(f"/clouds/{placed.pk}/remove/")
        assert not Cloud.objects.exists()


class TestBring:
    @pytest.fixture
    def brought(self, placed):
        Cloud.objects.update(tenants_bring=True)
        return placed

    @pytest.fixture
    def key(self, brought):
        """Of a project that somebody made on the cloud."""
        places = brought.driver().places
        return dict(places.grant(places.create(mark="", name="own").id, label="own").settings)

    @pytest.fixture
    def manager(self, alice):
        client = Client()
        client.force_login(alice)
        return client

    @pytest.fixture
    def url(self, brought):
        return f"/t/lab/clouds/{brought.pk}/credential/"

    def test_a_manager_finds_the_cloud_and_the_form(self, manager, brought, url):
        assert "east" in words(manager.get("/t/lab/clouds/"))
        assert url in manager.get(f"/t/lab/clouds/{brought.pk}/").content.decode()

    def test_it_counts_once_a_worker_has_proved_it(self, manager, url, key, work):
        manager.post(url, key)
        account = CloudAccount.objects.get()
        assert account.sealed == ""
        assert "Sign in with it" in words(manager.get(url))
        work()
        account.refresh_from_db()
        assert (account.remote_name, account.origin, account.brought) == ("own", "brought", "")
        assert account.driver().place().id == key["place_id"]
        assert "You work in the project own." in words(manager.get(url))

    def test_a_wrong_one_is_said_and_forgotten(self, manager, url, key, work):
        manager.post(url, key | {"key": "wrong"})
        work()
        assert "The cloud does not accept this credential." in words(manager.get(url))
        assert not CloudAccount.objects.exists()

    def test_a_wrong_one_leaves_the_good_one(self, manager, url, key, work):
        manager.post(url, key)
        work()
        manager.post(url, key | {"key": "wrong"})
        work()
        account = CloudAccount.objects.get()
        assert account.driver().place().id == key["place_id"]
        assert account.brought == ""

    def test_an_empty_field_is_said_and_no_secret_comes_back(self, manager, url, key):
        answer = manager.post(url, key | {"place_id": ""})
        assert answer.status_code == 422
        assert key["key"] not in answer.content.decode()
        assert not CloudAccount.objects.exists()

    def test_a_secret_is_in_no_operation_and_in_no_trail(self, manager, url, key, work):
        manager.post(url, key)
        work()
        for row in (*Operation.objects.all(), *Entry.objects.all()):
            assert key["key"] not in str(vars(row))

    def test_the_project_of_another_tenant_is_refused(self, manager, url, key, work, charlie):
        manager.post(url, key)
        work()
        theirs = Client()
        theirs.force_login(charlie)
        theirs.post(url.replace("/lab/", "/other/"), key)
        work()
        assert "belongs to another tenant" in words(theirs.get(url.replace("/lab/", "/other/")))
        assert CloudAccount.objects.count() == 1

    def test_it_is_no_way_in_where_an_administrator_makes_projects(self, manager, placed):
        assert manager.get(f"/t/lab/clouds/{placed.pk}/credential/").status_code == 404


def test_a_tenants_work_never_uses_another_ones_key(placed, lab, other, admin_browser, work, calls, here):
    """The fake cloud's journal says with which key each call came."""
    for slug in ("lab", "other"):
        admin_browser.post(f"{here}{slug}/make/", {"name": slug})
    work()
    for account in CloudAccount.objects.all():
        before = len(calls())
        assert inventory.sync_account(account.pk)
        made = calls()[before:]
        assert len(made) > 3
        assert {(call.credential, call.place_id) for call in made} == {(account.credential_id, account.remote_id)}
