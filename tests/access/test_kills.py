"""A worker killed with -9 at each step of making and ending: one key that its person has, or none at all."""

from __future__ import annotations

import pytest

from dashboard.access import actions
from dashboard.access.models import AccessKey
from dashboard.access.tasks import end_due
from dashboard.audit.models import Entry
from dashboard.clouds.models import CloudAccount
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.operations.reconcile import free_leases_of_the_dead
from dashboard.places import actions as places
from tests.conftest import actor_of
from tests.tenants.test_kills import failpoints, in_a_process_of_its_own  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MAKING = ("access-key.create.issue-key.before", "access-key.issue.done", "access-key.create.issue-key.after")
ENDING = ("access-key.revoke.end-key.before", "access-key.end.done", "access-key.revoke.end-key.after")
UNLINKING = ("place.unlink.end-access-keys.before", "place.unlink.end-access-keys.after")


def workers() -> None:
    for _ in range(40):
        end_due()
        free_leases_of_the_dead()
        Operation.objects.open().update(due_at=long_ago())
        for pk in Operation.objects.open().values_list("pk", flat=True):
            run.advance(pk)
        if not Operation.objects.open().exists():
            return
    raise AssertionError("still open")


@pytest.fixture
def deaths(failpoints):  # noqa: F811
    """How often workers died until all was done."""

    def deaths(*orders):
        for place in orders:
            (failpoints / place).write_text("kill")
        number = 0
        while (status := in_a_process_of_its_own(workers)) == 9:
            number += 1
        assert status == 0
        return number

    return deaths


def test_killed_while_making_the_one_that_is_kept_is_the_only_good_one(make, fetch, bob, deaths, good, lets_in):
    row = make(bob, only_ask=True)
    assert deaths(*MAKING) == len(MAKING)
    assert good() == [(str(bob.pk), row.pk.hex)]
    row.refresh_from_db()
    assert lets_in(fetch(row))
    assert Entry.objects.filter(verb="access-key.create", outcome="done").count() == 1


def test_killed_while_ending_nothing_is_left(make, bob, lab, deaths, good):
    row = make(bob)
    actions.revoke(actor_of(bob, lab), row.pk)
    assert deaths(*ENDING) == len(ENDING)
    assert good() == []
    assert AccessKey.objects.get().revoked_at


def test_killed_while_ending_what_the_right_was_lost_to_nothing_is_left(make, bob, deaths, good):
    make(bob), make(bob)
    bob.memberships.all().delete()
    assert deaths(*ENDING) == len(ENDING)
    assert good() == []
    assert not AccessKey.objects.living().exists()


def test_killed_while_the_place_is_left_nothing_is_left(make, bob, alice, root, lab, deaths, good):
    make(bob), make(alice)
    places.unlink(actor_of(root, lab), CloudAccount.objects.select_related("cloud").get(tenant=lab))
    assert deaths(*UNLINKING) == len(UNLINKING)
    assert (good(), AccessKey.objects.count()) == ([], 0)
