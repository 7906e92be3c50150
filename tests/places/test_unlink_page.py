"""The page on which a tenant is taken off a cloud, and its place is deleted there as well."""

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.interface import Status
from dashboard.clouds.models import CloudAccount
from dashboard.images.models import Image
from dashboard.instances import inventory
from dashboard.instances.actions import launch
from dashboard.instances.models import Flavor, Instance, Stray
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota

from .conftest import words


@pytest.fixture
def grown(made, fake_path, lab, as_bob, placed, work):
    """A server in it that nobody of us made, and one of ours."""
    outside.make_instance(str(fake_path), place_id=made.remote_id, name="by-hand")
    assert inventory.sync_account(made.pk)
    image, flavor = Image.objects.filter(cloud=placed).first(), Flavor.objects.get(cloud=placed, name="m1.small")
    launch(as_bob, cloud=placed, image=image, flavor=flavor, name="ours", key="1")
    work()
    return list(Instance.objects.filter(tenant=lab, status=Status.ACTIVE))


class TestUnlink:
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
        do("link", place=made.remote_id, confirmed="yes")
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


class TestDeletedOnTheCloudAsWell:
    @pytest.fixture
    def there(self, placed):
        """The ids of all places on the cloud, of which it is known what it can."""
        assert inventory.sync_cloud(placed.pk)
        return lambda: {place.id for place in placed.driver().places.list()}

    def test_an_empty_one_is_gone_there_and_here(self, made, do, work, there, here, admin_browser):
        assert "Delete it on the cloud as well" in words(admin_browser.get(f"{here}lab/unlink/"))
        do("unlink", name="lab", **{"also-delete": "yes"})
        work()
        assert there() == set()
        assert not CloudAccount.objects.exists()
        assert Operation.objects.get(kind="place.unlink").state == "done"

    def test_what_we_know_of_in_it_is_refused_at_once(self, grown, do):
        answer = do("unlink", name="lab", **{"also-delete": "yes"})
        assert answer.status_code == 422
        assert f"still has instances on this cloud: {len(grown)}" in words(answer)
        assert "Nothing on the cloud is deleted" not in words(answer)
        assert "closed here" not in words(answer)
        assert 'value="yes" checked' in answer.content.decode()
        assert 'name="remove"' not in answer.content.decode()  # it would hide the form's own `remove()` from HTMX

    def test_what_only_the_cloud_knows_of_ends_it_and_the_place_is_as_it_was(self, made, do, work, there, fake_path):
        outside.make_instance(str(fake_path), place_id=made.remote_id, name="by-hand")
        before = made.sealed
        do("unlink", name="lab", **{"also-delete": "yes"})
        work()
        operation = Operation.objects.get(kind="place.unlink")
        assert (operation.state, operation.error_code) == ("failed", "place-not-empty")
        assert operation.error_values == {"left": "1 instance"}
        assert there() == {made.remote_id}
        made.refresh_from_db()
        assert made.sealed == before

    def test_one_that_we_did_not_make_is_not_deleted(self, made, do, there, here, admin_browser):
        CloudAccount.objects.update(origin=CloudAccount.Origin.LINKED)
        assert "Delete it on the cloud as well" not in words(admin_browser.get(f"{here}lab/unlink/"))
        answer = do("unlink", name="lab", **{"also-delete": "yes"})
        assert answer.status_code == 422
        assert "Skydeck did not make it" in words(answer)
        assert there() == {made.remote_id}
