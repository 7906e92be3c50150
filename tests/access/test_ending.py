"""Keys end with the right to them, whichever way it went, and with a secret that nobody fetched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.access.models import AccessKey
from dashboard.access.tasks import end_due
from dashboard.audit.models import Entry
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import CloudAccount
from dashboard.operations import flow, run
from dashboard.operations.models import Operation, long_ago
from dashboard.people import actions as people
from dashboard.people import users
from dashboard.places import actions as places
from dashboard.tenancy.access import find_administrator
from dashboard.tenancy.models import Membership, Role
from dashboard.tenants import actions as tenants
from tests.conftest import actor_of


@pytest.fixture
def tick(work):
    """What the clock and a worker do."""

    def tick():
        end_due()
        work()

    return tick


@pytest.fixture
def administrator(root):
    return find_administrator(root)


def left(administrator, alice, bob, lab):
    people.remove(actor_of(alice, lab), bob.memberships.get().pk)


def left_by_themselves(administrator, alice, bob, lab):
    people.remove(actor_of(bob, lab), bob.memberships.get().pk)


def became_a_reader(administrator, alice, bob, lab):
    people.change_role(actor_of(alice, lab), bob.memberships.get().pk, role=Role.READER)


def was_disabled(administrator, alice, bob, lab):
    users.disable(administrator, bob.pk, reason="gone")


def tenant_disabled(administrator, alice, bob, lab):
    tenants.disable(administrator, lab.pk, reason="unpaid")


def went_away_elsewhere(administrator, alice, bob, lab):
    """As a group of an OpenID Connect provider does it, or a role on an OpenStack."""
    Membership.objects.filter(user=bob).delete()


def account_deleted(administrator, alice, bob, lab):
    bob.delete()


ENDS = (left, left_by_themselves, became_a_reader, was_disabled, tenant_disabled, went_away_elsewhere, account_deleted)


@pytest.mark.parametrize("lose", ENDS, ids=lambda lose: lose.__name__)
def test_with_the_right_all_keys_end(lose, make, fetch, bob, alice, administrator, lab, tick, lets_in, good):
    fetched, unfetched = make(bob, "one"), make(bob, "two")
    secret, hers = fetch(fetched), make(alice)
    tick()
    assert lets_in(secret)
    assert len(good()) == 3
    lose(administrator, alice, bob, lab)
    tick()
    assert not lets_in(secret)
    expected = [] if lose is tenant_disabled else [(str(alice.pk), hers.pk.hex)]
    assert good() == expected
    for row in (fetched, unfetched):
        row.refresh_from_db()
        assert (bool(row.revoked_at), row.sealed) == (True, "")


def test_a_larger_role_keeps_them(make, bob, alice, lab, tick, good):
    make(bob)
    people.change_role(actor_of(alice, lab), bob.memberships.get().pk, role=Role.MANAGER)
    tick()
    assert len(good()) == 1


def test_an_administrators_end_with_that_role(make, root, tick, good):
    make(root)
    tick()
    assert len(good()) == 1
    type(root).objects.filter(pk=root.pk).update(is_superuser=False)
    tick()
    assert good() == []


def test_it_is_skydeck_that_ends_them_and_the_entry_says_why(make, bob, alice, lab, tick):
    make(bob)
    left(None, alice, bob, lab)
    tick()
    asked = Entry.objects.get(verb="access-key.revoke", outcome="accepted")
    assert (asked.actor, asked.on_behalf_of, asked.object_name) == ("system", "bob", "laptop")
    assert asked.after == {"reason": "no-right", "person": "bob"}


def test_one_that_is_being_made_ends_as_soon_as_it_is_made(make, bob, alice, lab, work, good, tick):
    make(bob, only_ask=True)
    left(None, alice, bob, lab)
    tick()
    assert len(good()) == 1
    tick()
    assert good() == []


def test_a_secret_that_nobody_fetched_for_an_hour_is_forgotten_and_its_key_ended(make, fetch, bob, tick, good):
    late, fetched = make(bob, "late"), make(bob, "fetched")
    fetch(fetched)
    AccessKey.objects.update(issued_at=timezone.now() - timedelta(minutes=59))
    tick()
    assert len(good()) == 2
    AccessKey.objects.update(issued_at=timezone.now() - timedelta(minutes=61))
    tick()
    assert good() == [(str(bob.pk), fetched.pk.hex)]
    late.refresh_from_db()
    assert (late.sealed, bool(late.revoked_at)) == ("", True)


def test_one_of_which_nobody_knows_whether_it_came_to_be_is_ended(make, bob, fake_path, tick, work, good):
    """The cloud refused to make it, after it had, and refused to end it too."""
    faults = Faults(str(fake_path))
    faults.fail("Refused", reason="other", call="revoke_key", times=1, detail="policy")
    faults.fail("Refused", reason="other", call="issue_key", times=1, detail="policy")
    row = make(bob)
    assert (row.issued_at, row.revoked_at) == (None, None)
    tick()
    row.refresh_from_db()
    assert row.revoked_at
    assert good() == []


def test_an_end_that_failed_is_asked_for_again_but_not_at_every_tick(make, bob, alice, lab, fake_path, tick, good):
    make(bob)
    Faults(str(fake_path)).fail("Refused", reason="other", call="end_keys", times=1, detail="policy")
    left(None, alice, bob, lab)
    for _ in range(3):
        tick()
    assert Operation.objects.filter(kind="access-key.revoke").count() == 1
    assert len(good()) == 1
    AccessKey.objects.update(ask_after=timezone.now())
    tick()
    assert good() == []


def test_looking_costs_three_queries_however_many_keys_there_are(make, bob, alice):
    for user in (bob, bob, alice, alice):
        make(user)
    with CaptureQueriesContext(connection) as asked:
        end_due()
    assert len(asked) == 3


# --- with the place


def test_leaving_a_place_ends_everybodys_keys_there(make, fetch, bob, alice, root, lab, placed, work, lets_in, good):
    secrets = [fetch(make(bob)), fetch(make(alice))]
    places.unlink(actor_of(root, lab), CloudAccount.objects.select_related("cloud").get(tenant=lab))
    work()
    assert [lets_in(secret) for secret in secrets] == [False, False]
    assert (good(), AccessKey.objects.count()) == ([], 0)


def test_one_that_is_asked_for_while_the_place_is_left_is_not_made(make, bob, root, lab, placed, work, good):
    make(bob, only_ask=True)
    places.unlink(actor_of(root, lab), CloudAccount.objects.select_related("cloud").get(tenant=lab))
    work()
    assert (good(), AccessKey.objects.count()) == ([], 0)
    assert Operation.objects.get(kind="access-key.create").state == "cancelled"


def test_rotating_skydecks_own_credential_leaves_peoples_keys(make, fetch, bob, root, lab, placed, work, lets_in):
    secret = fetch(make(bob))
    places.rotate(actor_of(root, lab), CloudAccount.objects.select_related("cloud").get(tenant=lab))
    work()
    assert lets_in(secret)


def test_leaving_a_place_waits_for_a_worker_that_is_just_making_a_key(make, bob, root, lab, placed, work, good):
    """What it made is ended too, though its row could not be written any more."""
    row = make(bob, only_ask=True)
    making = flow.claim(Operation.objects.get().pk, owner="a worker inside its call")
    unlinking = places.unlink(actor_of(root, lab), CloudAccount.objects.select_related("cloud").get(tenant=lab))
    for _ in range(3):
        Operation.objects.filter(pk=unlinking.pk).update(due_at=long_ago())
        run.advance(unlinking.pk)
    unlinking.refresh_from_db()
    assert unlinking.state == "waiting"
    placed.driver().access.issue(row.account.remote_id, person=row.person, mark=row.mark, label="late")
    with pytest.raises(flow.LeaseLost):
        flow.write(making)
    flow.let_go(making)
    work()
    assert (good(), AccessKey.objects.count()) == ([], 0)
