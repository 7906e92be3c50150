"""The cloud's own key that is not accepted any more, and a place that is gone there: each is told as what it is."""

import re

import pytest
from django.test import Client

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.models import CloudAccount
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from dashboard.operations import run
from dashboard.operations.models import Operation
from dashboard.places import actions


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("&#x27;", "'")


@pytest.fixture
def made(placed, for_lab, work):
    actions.make(for_lab, placed, name="lab")
    work()
    assert inventory.sync_cloud(placed.pk)
    return CloudAccount.objects.select_related("cloud", "tenant").get()


class TestKeyNotAccepted:
    @pytest.fixture
    def refused(self, cloud, launch, faults):
        """A cloud that let us in before, and a launch that was asked for since."""
        faults.fail("AuthFailed", times=None, detail="InvalidClientTokenId: no such key")
        assert not inventory.sync_cloud(cloud.pk)
        cloud.refresh_from_db()
        launch("web-1")
        run.advance(Operation.objects.get().pk)
        return cloud

    def test_it_is_the_clouds_health_and_the_page_leads_to_where_it_is_mended(self, refused, admin_browser):
        assert (refused.health, refused.is_away, refused.is_refused) == ("refused", True, True)
        page = admin_browser.get(f"/clouds/{refused.pk}/")
        assert "Key not accepted" in words(page)
        assert "pretend does not accept Skydeck's key any more. Give it another one" in words(page)
        assert f'href="/clouds/{refused.pk}/edit/"' in page.content.decode()
        assert "does not answer" not in words(page)

    def test_members_are_told_and_sent_to_their_administrator(self, refused, bob, admin_browser):
        member = Client()
        member.force_login(bob)
        page = words(member.get("/t/lab/instances/"))
        assert "The cloud pretend does not accept Skydeck's key any more." in page
        assert "Tell your administrator." in page
        assert f'<a href="/clouds/{refused.pk}/">' in admin_browser.get("/t/lab/instances/").content.decode()

    def test_what_was_asked_for_waits_and_is_done_once_the_key_is_good(self, refused, faults, work):
        operation = Operation.objects.get()
        assert (operation.is_open, operation.waiting_for) == (True, "cloud-key")
        assert "does not accept Skydeck's own key" in operation.waiting.cause
        faults.clear()
        assert inventory.sync_cloud(refused.pk)
        work()
        assert Instance.objects.get().status == "ACTIVE"
        refused.refresh_from_db()
        assert (refused.health, refused.is_refused) == ("up", False)

    def test_a_cloud_that_is_silent_is_told_as_that(self, cloud, faults, admin_browser):
        faults.away()
        assert not inventory.sync_cloud(cloud.pk)
        cloud.refresh_from_db()
        assert (cloud.health, cloud.is_refused) == ("away", False)
        assert "It does not answer." in words(admin_browser.get(f"/clouds/{cloud.pk}/"))

    def test_of_a_tenant_alone_it_is_the_tenants_credential(self, made, fake_path, alice, admin_browser):
        outside.revoke(str(fake_path), made.credential_id)
        assert not inventory.sync_account(made.pk)
        made.refresh_from_db()
        assert (made.health, made.cloud.is_refused) == ("refused", False)
        manager = Client()
        manager.force_login(alice)
        assert "does not accept this tenant's credential any more" in words(manager.get("/t/lab/instances/"))
        page = words(admin_browser.get(f"/clouds/{made.cloud_id}/tenants/lab/"))
        assert "The cloud does not accept the credential any more." in page
        for path in ("/t/lab/clouds/", f"/t/lab/clouds/{made.cloud_id}/"):
            page = manager.get(path).content.decode()
            assert '<span class="st st-refused">Key not accepted</span>' in page
            assert "does not accept this tenant's credential any more" in page
            assert "st-up" not in page

    def test_a_place_without_a_credential_is_not_up(self, made, alice):
        CloudAccount.objects.update(sealed="")
        manager = Client()
        manager.force_login(alice)
        for path in ("/t/lab/clouds/", f"/t/lab/clouds/{made.cloud_id}/"):
            page = manager.get(path).content.decode()
            assert ("No credential" in page, "st-up" in page) == (True, False)


class TestAnswersOfOneTenantAreCut:
    def page(self, account, faults, person):
        faults.fail("Unavailable", times=None, detail="the answer was not understood")
        assert not inventory.sync_account(account.pk)
        account.refresh_from_db()
        assert (account.health, account.cloud.is_away) == ("away", False)
        manager = Client()
        manager.force_login(person)
        return words(manager.get("/t/lab/instances/"))

    def test_it_is_not_taken_for_a_credential(self, made, faults, alice):
        assert inventory.sync_account(made.pk)
        page = self.page(made, faults, alice)
        assert "does not answer this tenant , though it answers others" in page
        assert "broken off, or did not come" in page
        assert re.search(r"What you see of it is from .{1,20} ago\. It is asked again by itself", page)
        assert "credential" not in page

    def test_one_that_was_never_heard_has_no_age(self, made, faults, alice):
        CloudAccount.objects.update(seen_at=None)
        page = self.page(made, faults, alice)
        assert "did not come. It is asked again by itself" in page


class TestPlaceIsGone:
    @pytest.mark.parametrize("verb", ["read_limits", "push_limits", "rotate"])
    def test_it_is_said_of_the_place_and_not_of_an_instance(self, made, fake_path, for_lab, work, verb):
        outside.remove_place(str(fake_path), made.remote_id)
        operation = getattr(actions, verb)(for_lab, made)
        work()
        operation.refresh_from_db()
        assert (operation.state, operation.error_code) == ("failed", "place-removed")
        assert "Unlink the tenant there" in operation.failure.action

    def test_then_the_tenant_is_unlinked_and_can_have_another(self, made, fake_path, for_lab, placed, work):
        outside.remove_place(str(fake_path), made.remote_id)
        actions.unlink(for_lab, made)
        work()
        actions.make(for_lab, placed, name="again")
        work()
        assert CloudAccount.objects.get().remote_name == "again"
