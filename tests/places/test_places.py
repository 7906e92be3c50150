"""A tenant's place on a cloud: made, linked, rotated, unlinked, whatever dies on the way."""

import pytest

from dashboard.audit.models import Entry
from dashboard.clouds.interface import Unavailable
from dashboard.clouds.models import CloudAccount
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.places import actions
from dashboard.quotas.models import Quota, Reservation


def places(cloud):
    return list(cloud.driver().places.list())


def good_credentials(fake_path):
    from dashboard.clouds.drivers.fake.store import reading

    with reading(str(fake_path)) as db:
        return [row["id"] for row in db.execute("SELECT id FROM credentials WHERE NOT is_revoked")]


class TestMake:
    def test_a_project_a_credential_and_our_limits(self, made, placed, lab):
        (place,) = places(placed)
        assert (place.id, place.name, place.mark) == (made.remote_id, "lab", str(lab.pk))
        assert made.driver().place().id == place.id
        assert made.limits["vcpus"] == {"limit": 20, "used": 0}
        assert made.limits_read_at is not None

    def test_with_a_network_to_begin_with_where_it_is_wanted(self, placed, for_lab, work):
        actions.make(for_lab, placed, name="lab", network=True)
        work()
        own = [n for n in CloudAccount.objects.get(cloud=placed).driver().networks.networks() if n.is_own]
        assert [(network.name, len(network.subnets)) for network in own] == [("lab-network", 1)]

    def test_its_network_is_made_with_its_own_key(self, placed, for_lab, work, calls):
        actions.make(for_lab, placed, name="lab", network=True)
        work()
        credential = CloudAccount.objects.get().credential_id
        assert {call.credential for call in calls("create_network")} == {credential}

    def test_it_is_in_the_audit_trail(self, made):
        verbs = Entry.objects.filter(verb="place.make").order_by("number").values_list("outcome", flat=True)
        assert list(verbs) == ["accepted", "done"]

    def test_a_name_that_is_taken_is_said_and_leaves_no_place(self, placed, for_lab, for_other, work):
        actions.make(for_lab, placed, name="same")
        work()
        actions.make(for_other, placed, name="same")
        work()
        failed = Operation.objects.get(tenant=for_other.tenant)
        assert failed.error_code == "place-name-taken"
        assert "same" in str(failed.failure.cause)
        assert not CloudAccount.objects.filter(tenant=for_other.tenant).exists()

    @pytest.mark.parametrize("call", ["create_place", "grant", "set_quotas", "quotas"])
    def test_a_lost_answer_leaves_one_project_and_one_credential(self, placed, for_lab, work, faults, fake_path, call):
        faults.lose_answer(call=call)
        actions.make(for_lab, placed, name="lab")
        work()
        assert len(places(placed)) == 1
        account = CloudAccount.objects.get()
        assert good_credentials(fake_path) == [account.credential_id]

    def test_a_second_time_is_refused_while_it_is_there(self, made, placed, for_lab):
        with pytest.raises(actions.NotPossible, match="there-already"):
            actions.make(for_lab, placed, name="again")

    def test_a_second_time_is_refused_while_it_is_under_way(self, placed, for_lab):
        actions.make(for_lab, placed, name="lab")
        with pytest.raises(actions.NotPossible, match="under-way"):
            actions.make(for_lab, placed, name="lab")

    def test_only_an_administrator_may(self, placed, as_bob):
        from django.core.exceptions import PermissionDenied

        with pytest.raises(PermissionDenied):
            actions.make(as_bob, placed, name="lab")
        assert not CloudAccount.objects.exists()

    def test_a_cloud_that_is_away_is_waited_for(self, placed, for_lab, work, faults):
        faults.away()
        operation = actions.make(for_lab, placed, name="lab")
        run.advance(operation.pk)
        operation.refresh_from_db()
        assert (operation.state, operation.waiting_for) == ("waiting", "cloud-away")
        faults.back()
        work()
        assert CloudAccount.objects.get().sealed

    def test_giving_up_forgets_a_place_that_was_never_entered(self, placed, for_lab, faults):
        faults.away()
        operation = actions.make(for_lab, placed, name="lab")
        run.advance(operation.pk)
        actions.stop(for_lab, CloudAccount.objects.get())
        operation.refresh_from_db()
        assert operation.state == "cancelled"
        assert not CloudAccount.objects.exists()


class TestLink:
    @pytest.fixture
    def outside(self, placed):
        return placed.driver().places.create(mark="", name="grown")

    def test_what_is_there_is_shared_and_its_limits_are_only_read(self, placed, outside, for_lab, work, calls):
        placed.driver().quotas.set(outside.id, {"vcpus": 7})
        actions.link(for_lab, placed, place_id=outside.id)
        work()
        account = CloudAccount.objects.get()
        assert (account.remote_name, account.origin) == ("grown", "linked")
        assert account.limits["vcpus"]["limit"] == 7
        assert len(calls("set_quotas")) == 1  # the one above
        assert Quota.objects.get(tenant=for_lab.tenant, resource="vcpus").limit == 20

    def test_a_project_is_never_two_tenants(self, placed, outside, for_lab, for_other, work):
        actions.link(for_lab, placed, place_id=outside.id)
        work()
        with pytest.raises(actions.NotPossible, match="taken"):
            actions.link(for_other, placed, place_id=outside.id)

    def test_two_at_once_end_with_one(self, placed, outside, for_lab, for_other, work):
        actions.link(for_lab, placed, place_id=outside.id)
        actions.link(for_other, placed, place_id=outside.id)
        work()
        assert CloudAccount.objects.filter(remote_id=outside.id).count() == 1
        assert Operation.objects.get(state="failed").error_code == "place-taken"

    def test_a_project_that_is_gone_is_said(self, placed, for_lab, work):
        actions.link(for_lab, placed, place_id="nothing")
        work()
        assert Operation.objects.get().error_code == "place-gone"
        assert not CloudAccount.objects.exists()


class TestRotate:
    def test_a_new_credential_and_the_end_of_the_old(self, made, for_lab, work, fake_path):
        old = made.credential_id
        actions.rotate(for_lab, made)
        work()
        made.refresh_from_db()
        assert made.credential_id != old
        assert good_credentials(fake_path) == [made.credential_id]
        assert made.driver().place().id == made.remote_id

    @pytest.mark.parametrize("call", ["grant", "revoke"])
    def test_a_lost_answer_leaves_one_good_credential(self, made, for_lab, work, faults, fake_path, call):
        faults.lose_answer(call=call)
        actions.rotate(for_lab, made)
        work()
        made.refresh_from_db()
        assert good_credentials(fake_path) == [made.credential_id]


class TestUnlink:
    @pytest.fixture
    def used(self, made, lab, fake_path):
        """With one server in it, which the tenant made by itself."""
        from dashboard.clouds.drivers.fake import outside

        outside.make_instance(str(fake_path), place_id=made.remote_id, name="grown")
        assert inventory.sync_account(made.pk)
        return Instance.objects.get(tenant=lab)

    def test_credentials_end_and_nothing_else(self, made, for_lab, placed, work, fake_path):
        actions.unlink(for_lab, made)
        work()
        assert good_credentials(fake_path) == []
        assert len(places(placed)) == 1
        assert not CloudAccount.objects.exists()

    def test_a_cloud_that_is_away_is_waited_for(self, made, for_lab, faults):
        faults.away()
        operation = actions.unlink(for_lab, made)
        run.advance(operation.pk)
        operation.refresh_from_db()
        assert operation.state == "waiting"
        assert CloudAccount.objects.filter(pk=made.pk, sealed="").exists()

    def test_given_up_it_is_still_there_and_is_left_the_next_time(self, made, used, for_lab, work, faults):
        faults.away()
        actions.unlink(for_lab, made)
        run.advance(Operation.objects.open().get().pk)
        actions.stop(for_lab, made)
        made.refresh_from_db()
        assert (made.sealed, Instance.objects.get(pk=used.pk).deleted_at) == ("", None)
        faults.back()
        actions.unlink(for_lab, made)
        work()
        assert not CloudAccount.objects.filter(pk=made.pk).exists()
        assert Instance.objects.get(pk=used.pk).failure == "unlinked"


def test_the_driver_of_a_place_raises_what_a_cloud_raises(made, faults):
    faults.away()
    with pytest.raises(Unavailable):
        made.driver().place()


def test_nothing_is_open_at_the_end(made, for_lab, work):
    Operation.objects.update(due_at=long_ago())
    assert not Operation.objects.open().exists()
    assert not Reservation.objects.exists()
