"""The page on which a project that is there already is given to a tenant."""

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.models import CloudAccount, Fetched
from dashboard.clouds.tasks import fetch
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from dashboard.quotas.models import Quota

from .conftest import HTMX, words


class TestLink:
    @pytest.fixture
    def grown(self, placed, fake_path):
        """A project that somebody made on the cloud, with two servers in it, which is in the list."""
        place = placed.driver().places.create(mark="", name="grown")
        for name in ("one", "two"):
            outside.make_instance(str(fake_path), place_id=place.id, name=name)
        fetch(str(placed.pk), "places")
        return place

    def looked(self, do, admin_browser, placed, place):
        """The page on which it is confirmed, once a worker has looked."""
        asked = do("link", place=place.id)
        fetch(str(placed.pk), "place", place.id)
        return admin_browser.get(asked["Location"])

    def test_choosing_one_links_nothing_but_shows_what_is_in_it(self, do, lab, grown, placed, admin_browser):
        Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=0)
        page = self.looked(do, admin_browser, placed, grown)
        assert not CloudAccount.objects.exists()
        assert "2 instances appear in Lab and count against its quota" in words(page)
        assert "More than the quota then: vCPUs." in words(page)
        assert "Its limits stay as they are" in words(page)
        assert "Link project grown" in words(page)
        assert f"/tenants/lab/?place={grown.id}" in page.content.decode()

    def test_before_a_worker_looked_it_says_so(self, do, lab, grown, admin_browser):
        page = words(admin_browser.get(do("link", place=grown.id)["Location"]))
        assert "A worker is looking." in page
        assert "The instances in it appear in Lab" in page

    def test_a_cloud_that_does_not_answer_is_told_and_what_was_read_stays(
        self, do, lab, grown, placed, admin_browser, faults
    ):
        self.looked(do, admin_browser, placed, grown)
        faults.away()
        page = words(self.looked(do, admin_browser, placed, grown))
        assert "2 instances appear in Lab" in page
        assert "The cloud does not answer. It is off, or cannot be reached from here." in page

    def test_one_that_is_gone_cannot_be_confirmed(self, do, lab, grown, placed, admin_browser, fake_path):
        outside.remove_place(str(fake_path), grown.id)
        page = words(self.looked(do, admin_browser, placed, grown))
        assert "The cloud has no such project any more." in page
        assert "Link project grown" not in page

    def test_confirmed_it_is_linked_as_the_page_said(self, do, lab, grown, placed, admin_browser, work, calls, here):
        self.looked(do, admin_browser, placed, grown)
        assert do("link", place=grown.id, confirmed="yes")["Location"] == f"{here}lab/"
        work()
        account = CloudAccount.objects.get()
        assert inventory.sync_account(account.pk)
        assert (account.tenant, account.remote_id) == (lab, grown.id)
        assert Instance.objects.for_tenant(lab).present().count() == 2
        assert calls("set_quotas") == []
        assert not Fetched.objects.filter(what="place").exists()

    def test_going_back_keeps_what_was_chosen(self, admin_browser, here, lab, grown):
        page = admin_browser.get(f"{here}lab/", {"place": grown.id}).content.decode()
        assert f'<option value="{grown.id}" selected>' in page

    @pytest.mark.parametrize("confirmed", ["", "yes"])
    def test_what_another_tenant_has_is_refused_at_each_step(self, do, other, made, admin_browser, here, confirmed):
        answer = admin_browser.post(f"{here}other/link/", {"place": made.remote_id, "confirmed": confirmed})
        assert answer.status_code == 422
        assert "This project is that of Lab. Unlink it there first." in words(answer)
        page = admin_browser.get(f"{here}other/link/", {"place": made.remote_id})
        assert "This project is that of Lab. Unlink it there first." in words(page)
        assert CloudAccount.objects.count() == 1

    def test_whom_it_was_made_for_is_said(self, do, lab, other, placed, admin_browser):
        place = placed.driver().places.create(mark=str(other.pk), name="theirs")
        fetch(str(placed.pk), "places")
        assert "Skydeck made it for Other" in words(self.looked(do, admin_browser, placed, place))

    def test_a_fragment_is_no_page(self, admin_browser, here, lab, grown):
        part = admin_browser.get(f"{here}lab/link/", {"place": grown.id}, headers=HTMX).content
        assert b"<html" not in part
        assert b'id="live"' in part
