"""Many at once, from several processes: exactly what there is is given, and no counter drifts."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, transaction

from dashboard.instances.models import Instance
from dashboard.quotas.actions import Change, Meanwhile, change_limits
from dashboard.quotas.models import CloudQuota, Quota
from dashboard.quotas.reservations import QuotaExceeded, differing, grow, hold, release, reserve
from dashboard.quotas.tasks import report_drift

from .contest import ready


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["in total", "on the cloud"])
def test_of_two_hundred_who_ask_for_the_last_five_exactly_five_win(bob, lab, cloud, image, as_root, where):
    Quota.objects.filter(tenant=lab).update(limit=1000)
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=None)
    if where == "in total":
        Quota.objects.filter(tenant=lab, resource="instances").update(limit=5)
    else:
        change = Change(tenant_id=lab.pk, cloud_id=cloud.pk, resource="instances", was=None, limit=5)
        change_limits(as_root, [change])
    with ready(bob.pk) as race:
        race.go()
        assert race.answers() == {"accepted": 5, "refused: instances 1 of 0": 195}
    assert Quota.objects.get(tenant=lab, resource="instances").used == Instance.objects.count() == 5
    assert list(differing()) == []


@pytest.mark.django_db(transaction=True)
def test_no_counter_drifts_whatever_happens_at_once(lab, cloud, as_root):
    """Taking, growing, holding above the limit, giving back twice; limits raised, lowered, made and removed there."""
    holders = [uuid.uuid4() for _ in range(6)]

    def one(chance: random.Random) -> None:
        holder, amounts = chance.choice(holders), {"instances": 1, "vcpus": chance.randrange(0, 6)}
        match chance.randrange(6):
            case 0 | 1:
                reserve(lab, amounts, holder=uuid.uuid4(), cloud_id=chance.choice([cloud.pk, None]))
            case 2:
                grow(lab, amounts, holder=holder, cloud_id=cloud.pk)
            case 3:
                hold(lab, amounts, holder=holder, cloud_id=cloud.pk)
            case 4:
                release(lab, holder=holder)
            case _:
                limit_somehow(chance)

    def limit_somehow(chance: random.Random) -> None:
        resource, cloud_id = chance.choice(["instances", "vcpus"]), chance.choice([cloud.pk, None])
        if cloud_id:
            row = CloudQuota.objects.filter(tenant=lab, cloud=cloud_id, resource=resource).first()
            was = row.limit if row else None
        else:
            was = Quota.objects.get(tenant=lab, resource=resource).limit
        limit = chance.choice([None, 0, 5, 50])
        change = Change(tenant_id=lab.pk, cloud_id=cloud_id, resource=resource, was=was, limit=limit)
        change_limits(as_root, [change])

    def run(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(25):
                with suppress(QuotaExceeded, Meanwhile), transaction.atomic():
                    one(chance)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(run, range(8)))
    assert list(differing()) == []
    report_drift()
