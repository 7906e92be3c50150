"""Limits on one cloud, beside those in total."""

import uuid

import pytest
from django.db import transaction

from dashboard.clouds.models import Cloud
from dashboard.instances.actions import change
from dashboard.instances.actions import launch as launch_action
from dashboard.quotas.actions import Change, change_limits
from dashboard.quotas.models import CloudQuota, Quota
from dashboard.quotas.reservations import QuotaExceeded, drift, grow, hold, recount, release, reserve


@pytest.fixture
def limited(lab, cloud, as_root):
    """Lab may have so much there."""

    def limit(resource="instances", most=2, was=None):
        change = Change(tenant_id=lab.pk, cloud_id=cloud.pk, resource=resource, was=was, limit=most)
        change_limits(as_root, [change])
        return CloudQuota.objects.filter(tenant=lab, cloud=cloud, resource=resource).first()

    return limit


def used(row):
    row.refresh_from_db()
    return row.used


def test_what_is_there_already_counts_from_the_beginning(lab, cloud, limited):
    reserve(lab, {"instances": 2}, holder=uuid.uuid4(), cloud_id=cloud.pk)
    reserve(lab, {"instances": 3}, holder=uuid.uuid4())
    assert used(limited(most=5)) == 2
    assert drift(lab) == {}


def test_it_refuses_there_what_would_fit_in_total_and_takes_nothing(lab, cloud, limited):
    row, other = limited(most=2), Cloud.objects.create(name="second", kind="fake")
    with pytest.raises(QuotaExceeded) as refused, transaction.atomic():
        reserve(lab, {"instances": 3, "vcpus": 3}, holder=uuid.uuid4(), cloud_id=cloud.pk)
    assert [(s.resource, s.wanted, s.left, s.cloud) for s in refused.value.shortages] == [
        ("instances", 3, 2, cloud.name)
    ]
    assert (used(row), Quota.objects.get(tenant=lab, resource="instances").used) == (0, 0)
    reserve(lab, {"instances": 3, "vcpus": 3}, holder=uuid.uuid4(), cloud_id=other.pk)
    reserve(lab, {"instances": 2, "vcpus": 2}, holder=uuid.uuid4(), cloud_id=cloud.pk)
    assert used(row) == 2


def test_what_is_short_in_total_and_there_is_said_of_both(lab, cloud, limited):
    limited(most=2)
    with pytest.raises(QuotaExceeded) as refused, transaction.atomic():
        reserve(lab, {"instances": 11}, holder=uuid.uuid4(), cloud_id=cloud.pk)
    assert [(s.left, s.cloud) for s in refused.value.shortages] == [(10, ""), (2, cloud.name)]


def test_growing_holding_and_releasing_are_counted_there(lab, cloud, limited):
    row, holder = limited("vcpus", 4), uuid.uuid4()
    reserve(lab, {"vcpus": 1}, holder=holder, cloud_id=cloud.pk)
    grow(lab, {"vcpus": 4}, holder=holder, cloud_id=cloud.pk)
    assert used(row) == 4
    with pytest.raises(QuotaExceeded), transaction.atomic():
        grow(lab, {"vcpus": 5}, holder=holder, cloud_id=cloud.pk)
    hold(lab, {"vcpus": 7}, holder=holder, cloud_id=cloud.pk)
    assert used(row) == 7
    assert drift(lab) == {}
    release(lab, holder=holder)
    release(lab, holder=holder)
    assert used(row) == 0
    assert drift(lab) == {}


def test_a_counter_there_that_drifted_is_said_and_mended(lab, cloud, limited):
    row = limited(most=5)
    CloudQuota.objects.filter(pk=row.pk).update(used=4)
    assert recount(lab) == {f"instances on {cloud.name}": (4, 0)}
    assert used(row) == 0


def test_a_limit_there_can_be_taken_away_again(lab, cloud, limited):
    limited(most=1)
    assert limited(most=None, was=1) is None
    reserve(lab, {"instances": 5}, holder=uuid.uuid4(), cloud_id=cloud.pk)


def test_a_launch_says_on_which_cloud_the_quota_is_short(as_bob, cloud, image, small, launch, limited):
    launch()
    limited("instances", 1)
    with pytest.raises(QuotaExceeded) as refused:
        launch_action(as_bob, cloud=cloud, image=image, flavor=small, name="web-2", key="k2")
    assert [s.cloud for s in refused.value.shortages] == [cloud.name]


def test_an_instance_of_a_launch_is_counted_on_its_cloud_until_it_is_gone(as_bob, lab, launch, work, limited):
    row, instance = limited("instances", 3), launch()
    work()
    assert used(row) == 1
    for verb in ("delete", "delete-now"):
        change(as_bob, instance.pk, verb)
        work()
    assert used(row) == 0
    assert drift(lab) == {}
