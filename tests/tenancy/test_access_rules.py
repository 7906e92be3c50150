import pytest
from django.core.exceptions import PermissionDenied

from dashboard.tenancy.access import find_actor, tenants_of
from dashboard.tenancy.models import Membership, Role


def test_each_role_may_do_what_the_ones_before_it_may():
    assert [[a.includes(b) for b in Role] for a in Role] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


def test_a_stranger_is_nobody_in_a_tenant_and_so_is_a_disabled_member(charlie, bob, lab):
    assert find_actor(charlie, "lab") is None
    assert find_actor(bob, "lab").role == Role.MEMBER
    bob.is_active = False
    assert find_actor(bob, "lab") is None


def test_a_change_of_role_counts_at_the_next_request(bob, lab):
    Membership.objects.filter(user=bob).update(role=Role.READER)
    with pytest.raises(PermissionDenied, match="needs the role Member in Lab; yours is Reader"):
        find_actor(bob, "lab").require(Role.MEMBER)


def test_an_administrator_enters_every_tenant_and_others_only_their_own(root, bob, lab, other):
    assert [t.slug for t in tenants_of(root)] == ["lab", "other"]
    assert [t.slug for t in tenants_of(bob)] == ["lab"]
    assert find_actor(root, "other").role == Role.ADMIN
