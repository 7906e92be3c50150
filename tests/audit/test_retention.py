from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from dashboard.audit import retention
from dashboard.audit.models import Chain, Entry
from dashboard.audit.record import digest, record
from dashboard.audit.retention import remove_older
from dashboard.audit.tasks import remove_old
from dashboard.audit.verify import first_broken

ABOUT = {"actor": "bob", "object_kind": "instance", "object_id": 1, "object_name": "web", "outcome": "done"}


def aged(tenant="t", *, days):
    """A true chain whose entries are so many days old."""
    previous = ""
    for _age in days:
        record("instance.stop", tenant=tenant, **ABOUT)
    for entry, age in zip(Entry.objects.filter(tenant=tenant).order_by("number"), days, strict=True):
        entry.at, entry.previous = timezone.now() - timedelta(days=age), previous
        entry.digest = previous = digest(entry)
        entry.save()
    Chain.objects.filter(name=tenant or "installation").update(head=previous)
    return Entry.objects.filter(tenant=tenant).order_by("number")


def numbers(entries):
    return list(entries.values_list("number", flat=True))


def test_what_is_older_goes_and_the_rest_still_follows(db):
    entries = aged(days=[40, 31, 29, 1])
    assert remove_older(30) == 2
    assert numbers(entries) == [3, 4, 5]
    assert first_broken("t") is None


def test_the_removal_is_in_the_trail(db):
    aged(days=[40, 31, 1])
    digest_of_last = Entry.objects.get(number=2).digest
    remove_older(30)
    entry = Entry.objects.get(verb="audit.remove")
    assert (entry.actor, entry.tenant, entry.object_name, entry.outcome) == ("system", "t", "1-2", "done")
    assert entry.after == {"first": 1, "last": 2, "digest": digest_of_last, "days": 30}


def test_what_is_appended_later_follows_and_the_next_night_goes_on(db):
    entries = aged(days=[40, 1])
    remove_older(30)
    record("instance.start", tenant="t", **ABOUT)
    assert (first_broken("t"), remove_older(30), numbers(entries)) == (None, 0, [2, 3, 4])


def test_every_chain_is_gone_through_and_each_in_slices(db, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    aged(days=[50, 49, 48, 47, 46, 1])
    aged("", days=[50, 2])
    assert remove_older(30) == 6
    assert (first_broken("t"), first_broken("installation")) == (None, None)


def test_everything_may_go(db):
    entries = aged(days=[50, 49])
    assert remove_older(30) == 2
    assert (numbers(entries), first_broken("t")) == ([3], None)


def test_its_own_notes_alone_are_no_reason_for_another(db):
    aged(days=[50])
    remove_older(30)
    Entry.objects.update(at=F("at") - timedelta(days=50))
    assert remove_older(30) == 0


@pytest.mark.parametrize("change", [{"removed": 1, "anchor": "x"}, {"anchor": "x"}])
def test_who_removes_by_hand_and_sets_the_anchor_is_noticed(db, change):
    aged(days=[2, 1])
    first = Entry.objects.get(number=1)
    first.delete()
    Chain.objects.update(**change | {"anchor": first.digest})
    assert first_broken("t") is not None


def test_the_night_keeps_everything_unless_told_otherwise(db, settings):
    entries = aged(days=[5000])
    remove_old()
    assert numbers(entries) == [1]
    settings.AUDIT_DAYS = 30
    remove_old()
    assert numbers(entries) == [2]
