"""Making, showing and revoking keys: what the cloud has of it, and what is here."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from dashboard.access import actions
from dashboard.access.models import AccessKey
from dashboard.audit.models import Entry
from dashboard.clouds import secrets
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import CloudAccount
from dashboard.operations.actions import cancel
from dashboard.operations.models import Operation
from tests.conftest import actor_of, make_user
from tests.instances.conftest import at_once


@pytest.fixture
def for_bob(bob, lab):
    return actor_of(bob, lab)


@pytest.fixture
def faults(fake_path):
    return Faults(str(fake_path))


# --- making


def test_a_key_lets_into_the_tenants_place_and_into_no_other(make, fetch, bob, lets_in, placed, other):
    secret = fetch(make(bob))
    assert lets_in(secret)
    assert secret["place_id"] == placed.accounts.get(tenant__slug="lab").remote_id
    assert not lets_in({**secret, "place_id": placed.accounts.get(tenant=other).remote_id})


def test_nothing_is_asked_of_the_cloud_before_a_worker_comes(make, bob, good):
    row = make(bob, only_ask=True)
    assert (good(), row.sealed, row.issued_at) == ([], "", None)


def test_the_cloud_knows_whose_it_is(make, bob, good):
    row = make(bob)
    assert good() == [(str(bob.pk), row.pk.hex)]


def test_the_same_request_again_makes_one(make, bob, good):
    assert make(bob, key="k") == make(bob, key="k")
    assert len(good()) == 1


def test_two_are_the_most_of_one_person_and_others_have_their_own(make, bob, alice):
    make(bob)
    make(bob)
    with pytest.raises(actions.NotPossible, match="You have 2 keys here"):
        make(bob)
    assert make(alice).issued_at


def test_after_a_revocation_there_is_room_again(make, bob, for_bob, work):
    rows = [make(bob), make(bob)]
    actions.revoke(for_bob, rows[0].pk)
    with pytest.raises(actions.NotPossible):
        make(bob, only_ask=True)
    work()
    assert make(bob).issued_at


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_three_requests_at_once_two_are_made(make, bob):
    ask = lambda: make(bob, only_ask=True)  # noqa: E731
    outcomes = at_once(ask, ask, ask)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NoneType", "NotPossible"]


def test_a_reader_has_none(make, rita):
    with pytest.raises(PermissionDenied):
        make(rita)


def test_an_administrator_has_them_like_anybody(make, fetch, root, lets_in):
    assert lets_in(fetch(make(root)))


def test_not_in_a_disabled_tenant_not_even_by_an_administrator(make, root, lab):
    type(lab).objects.filter(pk=lab.pk).update(disabled_at="2026-01-01T00:00Z", disabled_by="root", disabled_reason="x")
    with pytest.raises(actions.NotPossible, match="is disabled"):
        make(root)


def test_not_without_a_place(make, bob, placed):
    CloudAccount.objects.filter(tenant__slug="lab").update(sealed="")
    with pytest.raises(actions.NotPossible, match="no project on this cloud yet"):
        make(bob)


def test_not_where_tenants_bring_their_own_credential(make, bob, placed):
    type(placed).objects.filter(pk=placed.pk).update(tenants_bring=True)
    placed.refresh_from_db()
    with pytest.raises(actions.NotPossible, match="no administrator's credential"):
        make(bob)


def test_not_on_a_cloud_without_places(cloud, bob, lab):
    with pytest.raises(actions.NotPossible, match="knows no people"):
        actions.create(actor_of(bob, lab), cloud, label="x", key="k")


# --- what fails


def test_what_the_cloud_refuses_leaves_no_row_and_no_key(make, bob, faults, good, work):
    faults.fail("Refused", reason="other", call="issue_key", times=1, detail="policy")
    make(bob, only_ask=True)
    work()
    assert not AccessKey.objects.exists()
    assert good() == []
    assert Operation.objects.get(kind="access-key.create").state == "failed"


def test_a_lost_answer_is_made_good_and_one_key_is_left(make, fetch, bob, faults, good, lets_in):
    faults.lose_answer(call="issue_key")
    row = make(bob)
    assert good() == [(str(bob.pk), row.pk.hex)]
    assert lets_in(fetch(row))


def test_one_that_is_given_up_before_the_cloud_was_asked_leaves_nothing(make, bob, for_bob, good, work):
    make(bob, only_ask=True)
    cancel(for_bob, Operation.objects.get(kind="access-key.create").pk)
    work()
    assert not AccessKey.objects.exists()
    assert good() == []


# --- showing


def test_a_secret_is_shown_once_and_forgotten(make, bob, for_bob):
    row = make(bob)
    assert row.sealed
    _row, secret = actions.show(for_bob, row.pk)
    assert secret["key"]
    row.refresh_from_db()
    assert (row.sealed, bool(row.fetched_at)) == ("", True)
    assert actions.show(for_bob, row.pk)[1] == {}
    assert Entry.objects.filter(verb="access-key.show").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_that_ask_at_once_one_gets_it(make, bob, for_bob):
    row, got = make(bob), []
    assert at_once(*[lambda: got.append(actions.show(for_bob, row.pk)[1])] * 2) == [None, None]
    assert sorted(map(bool, got)) == [False, True]


@pytest.mark.parametrize("who", ["alice", "root"])
def test_nobody_else_gets_a_secret(who, make, bob, alice, root, lab):
    row = make(bob)
    with pytest.raises(AccessKey.DoesNotExist):
        actions.show(actor_of({"alice": alice, "root": root}[who], lab), row.pk)
    row.refresh_from_db()
    assert row.is_ready


def test_a_secret_that_cannot_be_read_says_what_to_do(make, bob, for_bob):
    row = make(bob)
    AccessKey.objects.update(sealed="gAAAAnonsense")
    with pytest.raises(actions.NotPossible, match="make another one"):
        actions.show(for_bob, row.pk)


def test_the_secret_is_in_no_entry_and_no_operation(make, fetch, bob, for_bob, work):
    row = make(bob)
    secret = fetch(row)["key"]
    actions.revoke(for_bob, row.pk)
    work()
    assert secret not in str(list(Entry.objects.values()))
    assert secret not in str(list(Operation.objects.values()))
    assert secret not in str(list(AccessKey.objects.values()))


def test_a_row_holds_it_sealed(make, bob):
    row = make(bob)
    assert secrets.unseal(row.sealed)["key"] not in row.sealed


# --- revoking


def test_a_revoked_key_is_refused_and_the_persons_other_is_not(make, fetch, bob, for_bob, work, lets_in):
    ended, kept = make(bob, "old"), make(bob, "new")
    secret, other = fetch(ended), fetch(kept)
    actions.revoke(for_bob, ended.pk)
    work()
    assert (lets_in(secret), lets_in(other)) == (False, True)
    ended.refresh_from_db()
    assert ended.revoked_at
    actions.revoke(for_bob, ended.pk)
    assert Operation.objects.filter(kind="access-key.revoke").count() == 1


def test_a_secret_that_was_not_fetched_is_forgotten_as_soon_as_its_end_is_asked_for(make, bob, for_bob):
    row = make(bob)
    actions.revoke(for_bob, row.pk)
    row.refresh_from_db()
    assert row.sealed == ""


def test_a_manager_revokes_anybodys_and_a_member_only_their_own(make, bob, alice, lab, work, good):
    row = make(bob)
    eve = make_user("eve", lab, "member")
    with pytest.raises(AccessKey.DoesNotExist):
        actions.revoke(actor_of(eve, lab), row.pk)
    actions.revoke(actor_of(alice, lab), row.pk)
    work()
    assert good() == []


def test_another_tenants_key_is_not_there(make, bob, charlie, other):
    row = make(bob)
    with pytest.raises(AccessKey.DoesNotExist):
        actions.revoke(actor_of(charlie, other), row.pk)


def test_one_that_is_being_made_cannot_be_revoked_yet(make, bob, for_bob):
    row = make(bob, only_ask=True)
    with pytest.raises(actions.NotPossible, match="being made"):
        actions.revoke(for_bob, row.pk)


def test_no_key_is_made_while_one_of_the_person_is_being_ended(make, bob, for_bob):
    row = make(bob)
    actions.revoke(for_bob, row.pk)
    with pytest.raises(actions.NotPossible, match="is being ended"):
        make(bob, only_ask=True)
