"""The pages of tenants on a cloud, as a browser without JavaScript gets them."""

import re

import pytest

from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.tasks import fetch
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from tests.conftest import make_tenant

from .conftest import HTMX, words


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

    def test_each_is_shown_with_its_short_name_its_place_and_its_instances(
        self, admin_browser, here, lab, other, made, placed
    ):
        row = {"cloud": placed, "vcpus": 1, "ram_mib": 1, "disk_gib": 1}
        elsewhere = Cloud.objects.create(name="elsewhere", kind="fake", settings={})
        Instance.objects.bulk_create(
            [
                *(Instance(name=name, tenant=lab, remote_id=name, **row) for name in "abc"),
                Instance(name="d", tenant=lab, **row | {"cloud": elsewhere}),
                Instance(name="e", tenant=lab, deleted_at=lab.created_at, **row),
            ]
        )
        page = admin_browser.get(here).content.decode()
        shown, empty = (re.search(rf'id="t-{tenant.pk}".*?</tr>', page, re.DOTALL)[0] for tenant in (lab, other))
        assert 'data-label="Instances">3<' in shown
        assert 'data-label="Instances">0<' in empty
        assert f'<a class="clip quiet-link" href="{here}lab/"' in shown
        assert f">{made.remote_id}</small>" in shown
        assert ">lab</small>" in shown

    def test_it_shows_those_that_are_there_or_are_not(self, admin_browser, here, lab, other, made):
        def ids(**query):
            return set(re.findall(r'id="t-([\w-]+)"', admin_browser.get(here, query).content.decode()))

        mine, theirs = str(lab.pk), str(other.pk)
        assert (ids(show="there"), ids(show="none"), ids(show="x")) == ({mine}, {theirs}, {mine, theirs})
        assert (ids(q=made.remote_id), ids(q="lab", show="none")) == ({mine}, set())
        assert "Nothing found" in admin_browser.get(here, {"q": "lab", "show": "none"}).content.decode()

    def test_a_place_is_found_by_its_name_on_the_cloud(self, admin_browser, here, lab, other, made):
        CloudAccount.objects.update(remote_name="Grown-up")
        page = admin_browser.get(here, {"q": "grown"}).content.decode()
        assert (f'id="t-{lab.pk}"' in page, f'id="t-{other.pk}"' in page) == (True, False)

    @pytest.mark.parametrize("count", [2, 60])
    def test_it_takes_eight_queries_for_two_tenants_and_for_sixty(
        self, admin_browser, here, made, count, django_assert_num_queries
    ):
        for number in range(count):
            make_tenant(f"t-{number}")
        with django_assert_num_queries(8):
            admin_browser.get(here)

    def test_what_is_under_way_is_shown_and_then_what_came_of_it(self, admin_browser, here, lab, do, work, faults):
        faults.fail("Refused", call="create_place", reason="policy")
        do("make", name="lab")
        assert "Under way" in words(admin_browser.get(here))
        work()
        page = words(admin_browser.get(here))
        assert "Failed" in page
        assert "Make the tenant&#x27;s place: The cloud" in page
        assert "Try again" in page


class TestPlace:
    def test_a_project_is_made_by_a_form(self, do, here, lab, admin_browser):
        answer = do("make", name="lab")
        assert (answer.status_code, answer["Location"]) == (303, f"{here}lab/")
        page = words(admin_browser.get(f"{here}lab/"))
        assert "Make it on the cloud" in page
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
        assert "The cloud has another project with this name already" in page
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


class TestCloudWithoutPlaces:
    def test_a_tenant_is_let_in_and_taken_out_again(self, cloud, admin_browser):
        make_tenant("new")
        here = f"/clouds/{cloud.pk}/tenants/new/"
        assert "may not work on pretend yet" in words(admin_browser.get(here))
        in_list = admin_browser.get(f"/clouds/{cloud.pk}/tenants/").content.decode()
        assert re.search(rf'<button[^>]*formaction="{here}admit/"[^>]*aria-label="Let in New \(new\)"', in_list)
        admin_browser.post(f"{here}admit/")
        assert CloudAccount.objects.filter(cloud=cloud, tenant__slug="new").exists()
        admin_browser.post(f"{here}unlink/", {"name": "new"})
        assert not CloudAccount.objects.filter(cloud=cloud, tenant__slug="new").exists()
        said = Entry.objects.filter(object_kind="place").order_by("number").values_list("verb", "before", "after")
        there = {"cloud": "pretend", "origin": "made"}
        assert list(said) == [("place.admit", {}, there), ("place.unlink", there, {})]

    def test_a_tenant_with_instances_stays(self, cloud, launch, work, admin_browser):
        launch()
        work()
        answer = admin_browser.post(f"/clouds/{cloud.pk}/tenants/lab/unlink/", {"name": "lab"})
        assert answer.status_code == 422
        assert "still has instances on this cloud: 1" in words(answer)
        assert CloudAccount.objects.filter(cloud=cloud, tenant__slug="lab").exists()


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
