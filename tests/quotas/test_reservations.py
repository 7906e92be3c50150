import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from dashboard.audit.models import Entry
from dashboard.quotas.models import Quota, Reservation
from dashboard.quotas.reservations import QuotaExceeded, drift, recount, release, reserve, shortages


def used(tenant, resource="instances"):
    return Quota.objects.get(tenant=tenant, resource=resource).used


def test_it_takes_every_resource_and_writes_the_ledger(lab):
    holder = uuid.uuid4()
    with transaction.atomic():
        reserve(lab, {"instances": 1, "vcpus": 4}, holder=holder)
    assert (used(lab), used(lab, "vcpus")) == (1, 4)
    assert Reservation.objects.filter(holder=holder, released_at=None).count() == 2
    assert drift(lab) == {}


def test_it_takes_nothing_when_one_resource_is_short(lab):
    with pytest.raises(QuotaExceeded) as refused, transaction.atomic():
        reserve(lab, {"instances": 1, "vcpus": 21}, holder=uuid.uuid4())
    assert [(s.resource, s.wanted, s.left, s.missing) for s in refused.value.shortages] == [("vcpus", 21, 20, 1)]
    assert (used(lab), used(lab, "vcpus"), Reservation.objects.count()) == (0, 0, 0)


def test_the_last_one_fits_and_the_next_does_not(lab):
    Quota.objects.filter(tenant=lab, resource="instances").update(limit=1)
    reserve(lab, {"instances": 1}, holder=uuid.uuid4())
    with pytest.raises(QuotaExceeded), transaction.atomic():
        reserve(lab, {"instances": 1}, holder=uuid.uuid4())
    assert used(lab) == 1


def test_unlimited_is_explicit(lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=None)
    reserve(lab, {"vcpus": 10**6}, holder=uuid.uuid4())
    assert shortages(lab, {"vcpus": 10**9}) == []


def test_a_resource_without_a_quota_allows_nothing(lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").delete()
    with pytest.raises(QuotaExceeded), transaction.atomic():
        reserve(lab, {"vcpus": 1}, holder=uuid.uuid4())


def test_releasing_twice_gives_back_once(lab):
    first, second = uuid.uuid4(), uuid.uuid4()
    for holder in (first, second):
        reserve(lab, {"instances": 1}, holder=holder)
    release(lab, holder=first)
    release(lab, holder=first)
    assert used(lab) == 1
    assert drift(lab) == {}


def test_a_limit_may_be_lowered_below_what_is_used_and_then_refuses(lab):
    reserve(lab, {"instances": 5}, holder=uuid.uuid4())
    Quota.objects.filter(tenant=lab, resource="instances").update(limit=3)
    assert Quota.objects.get(tenant=lab, resource="instances").left == 0
    with pytest.raises(QuotaExceeded), transaction.atomic():
        reserve(lab, {"instances": 1}, holder=uuid.uuid4())


def test_recount_says_and_mends_a_counter_that_was_changed_by_hand(lab):
    reserve(lab, {"instances": 2}, holder=uuid.uuid4())
    Quota.objects.filter(tenant=lab, resource="instances").update(used=7)
    assert recount(lab) == {"instances": (7, 2)}
    assert used(lab) == 2
    assert recount(lab) == {}


def test_the_command_says_how_many_counters_differ(lab, capsys):
    from django.core.management import call_command

    Quota.objects.filter(tenant=lab, resource="instances").update(used=7)
    with pytest.raises(SystemExit):
        call_command("recount")
    call_command("recount", "--fix")
    call_command("recount")
    assert capsys.readouterr().out.splitlines() == [
        "lab: instances says 7, the ledger 0",
        "1 counters differed",
        "lab: instances says 7, the ledger 0",
        "1 counters differed, mended",
        "0 counters differed",
    ]


@pytest.mark.django_db(transaction=True)
def test_exactly_a_hundred_of_two_hundred_concurrent_launches_are_accepted(as_bob, cloud, image, small):
    from dashboard.instances.actions import launch
    from dashboard.instances.models import Instance

    for resource, limit in {"instances": 100, "vcpus": 1000, "ram_mib": 10**6, "disk_gib": 10**4}.items():
        Quota.objects.filter(tenant=as_bob.tenant, resource=resource).update(limit=limit)

    def ask(number: int) -> str:
        try:
            launch(as_bob, cloud=cloud, image=image, flavor=small, name=f"n{number}", key=f"key-{number}")
        except QuotaExceeded as error:
            return error.shortages[0].resource.value
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(max_workers=50) as threads:
        answers = list(threads.map(ask, range(200)))
    assert sorted(set(answers)) == ["accepted", "instances"]
    assert answers.count("accepted") == 100
    assert used(as_bob.tenant) == Instance.objects.filter(tenant=as_bob.tenant).count() == 100
    assert drift(as_bob.tenant) == {}


def test_what_was_taken_before_it_was_refused_is_not_said_to_be_short(lab):
    """Resources are taken in name order; a refusal at the last one names only those that are short."""
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=3000)
    with pytest.raises(QuotaExceeded) as refused, transaction.atomic():
        reserve(lab, {"instances": 1, "ram_mib": 2048, "vcpus": 21}, holder=uuid.uuid4())
    assert [s.resource for s in refused.value.shortages] == ["vcpus"]


def test_what_takes_nothing_is_not_refused_though_it_is_over_its_limit(lab):
    Quota.objects.filter(tenant=lab, resource="disk_gib").update(limit=1, used=5)
    reserve(lab, {"disk_gib": 0, "volumes": 1}, holder=uuid.uuid4())
    assert used(lab, "volumes") == 1


def test_what_recount_mends_is_in_the_audit_trail(lab):
    Quota.objects.filter(tenant=lab, resource="instances").update(used=7)
    recount(lab)
    recount(lab)
    entry = Entry.objects.get(verb="quota.recount")
    assert (entry.actor, entry.before, entry.after) == ("system", {"instances": 7}, {"instances": 0})
