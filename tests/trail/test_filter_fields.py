from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.instances.filter_fields import Scope
from dashboard.trail.filter_fields import FIELDS, filter_of


@pytest.fixture
def found(write, alice, lab, other):
    """Looks with a filter through three entries: a, b and c."""
    write(object_name="a", object_id="00000000-0000-4000-8000-00000000000a")
    write("instance.delete", object_name="b", actor="system", on_behalf_of="bob", outcome="accepted", operation_id="op")
    write("network.delete", object_name="c", object_kind="network", actor="alice", via="backup", outcome="failed",
          address="2001:db8::1", tenant=str(other.pk))  # fmt: skip
    Entry.objects.filter(object_name="a").update(at=datetime(2026, 11, 3, 12, tzinfo=UTC))
    scope = Scope(tenant=None, user=alice, is_admin=True)

    def look(text):
        made = filter_of(text, scope)
        return "".join(Entry.objects.filter(made.q).order_by("object_name").values_list("object_name", flat=True))

    return look


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("who:bob", "a"),
        ("by:system,alice", "bc"),
        ("who:me", "c"),
        ("who:al*", "c"),
        ("-who:bob", "bc"),
        ("for:bob", "b"),
        ("verb:instance.stop", "a"),
        ("verb:instance.*", "ab"),
        ("verb:delete", "bc"),
        ("object:=a", "a"),
        ("object:00000000-0000-4000-8000-00000000000a", "a"),
        ("kind:network", "c"),
        ("outcome:failed", "c"),
        ("outcome:asked-for", "b"),
        ('outcome:"Asked for"', "b"),
        ("since:2026-11-03 until:2026-11-03", "a"),
        ("until:2026-11-03T11:00", ""),
        ("until:2026-11-03T12:00", "a"),
        ("from:192.0.2.", "ab"),
        ("from:2001:db8", "c"),
        ("via:backup", "c"),
        ("operation:op", "b"),
        ("tenant:=lab", "ab"),
        ("tenant:oth", "c"),
        ("delete alice", "c"),
        ("stop", "a"),
    ],
)
def test_a_field_finds(found, text, names):
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("outcome:xyz", "accepted, done, failed"),
        ("outcome:faild", "did you mean “failed”?"),
        ("age:soon", "is no age"),
        ("since:yesterday", "is no day"),
        ("since:2026-02-31", "is no day"),
        ("since:0001-01-01", "is no day"),
        ("kind:x", "cloud"),
    ],
)
def test_what_it_does_not_understand_is_said(db, alice, text, said):
    (problem,) = filter_of(text, Scope(tenant=None, user=alice, is_admin=True)).problems
    assert said in problem.problem


def test_a_tenants_own_trail_has_no_field_for_tenants(lab, alice):
    made = filter_of("tenant:other", Scope(tenant=lab, user=alice, is_admin=False))
    assert (made.applied, len(made.problems)) == ((), 1)


def test_every_example_of_the_help_is_understood(lab, alice):
    scope = Scope(tenant=None, user=alice, is_admin=True)
    assert [one.example for one in FIELDS.values() if filter_of(one.example, scope).problems] == []


def test_ages_count_from_now(write, alice, lab):
    write()
    scope = Scope(tenant=lab, user=alice, is_admin=False)
    Entry.objects.update(at=timezone.now() - timedelta(days=3))
    counted = [Entry.objects.filter(filter_of(text, scope).q).count() for text in ("age:<7d", "age:>7d", "age:>1d")]
    assert counted == [1, 0, 1]
