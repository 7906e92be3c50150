"""What a cloud said, into rows: never older over newer, nothing gone on incomplete evidence."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Change, Status
from dashboard.clouds.models import Cloud
from dashboard.instances import inventory, sync, watch
from dashboard.instances.models import Instance
from dashboard.instances.scope import Scope
from dashboard.live.models import Event
from dashboard.quotas.models import Quota


@pytest.fixture
def active(launch, work):
    instance = launch()
    work()
    instance.refresh_from_db()
    return instance


def remote_of(instance):
    return instance.cloud.driver().compute.get(instance.remote_id)


def used(tenant):
    return Quota.objects.get(tenant=tenant, resource="instances").used


def test_an_older_observation_never_overwrites_a_newer_one(active, cloud):
    remote, now = remote_of(active), timezone.now()
    sync.record(Scope(cloud), replace(remote, status=Status.SHUTOFF), taken_at=now)
    sync.record(Scope(cloud), remote, taken_at=now - timedelta(seconds=5))
    sync.record_all(Scope(cloud), [remote], taken_at=now - timedelta(seconds=5))
    active.refresh_from_db()
    assert active.status == Status.SHUTOFF


def test_only_a_change_is_told_to_the_browsers(active, cloud):
    before = Event.objects.count()
    inventory.sync_cloud(cloud.pk)
    assert Event.objects.count() == before
    cloud.driver().compute.stop(active.remote_id, force=True)
    inventory.sync_cloud(cloud.pk)
    assert Event.objects.count() == before + 1


def test_it_takes_two_complete_lists_to_believe_that_an_instance_is_gone(active, cloud, lab):
    cloud.driver().compute.delete(active.remote_id)
    inventory.sync_cloud(cloud.pk)
    active.refresh_from_db()
    assert (active.deleted_at, used(lab)) == (None, 1)
    inventory.sync_cloud(cloud.pk)
    active.refresh_from_db()
    assert (active.status, used(lab)) == ("DELETED", 0)
    assert Entry.objects.filter(verb="instance.removed-outside", object_id=str(active.pk)).count() == 1


def test_a_list_that_breaks_off_deletes_nothing_and_keeps_what_it_read(launch, work, cloud, fake_path):
    for number in range(4):
        launch(f"web-{number}")
    work()
    for _ in range(3):
        Faults(str(fake_path)).break_off_list(after=2)
        assert not inventory.sync_cloud(cloud.pk)
    assert Instance.objects.present().count() == 4
    cloud.refresh_from_db()
    assert cloud.is_away


def test_an_instance_seen_again_after_one_miss_starts_from_zero(active, cloud):
    Instance.objects.update(missed=1)
    inventory.sync_cloud(cloud.pk)
    active.refresh_from_db()
    assert active.missed == 0


def test_a_launch_that_is_not_built_yet_is_not_missing(launch, cloud):
    launch()
    for _ in range(3):
        inventory.sync_cloud(cloud.pk)
    assert Instance.objects.present().count() == 1


def test_a_change_behind_our_back_closes_the_row_at_once_when_the_cloud_confirms_it(active, cloud, lab):
    watch.take(cloud, Change(remote_id=active.remote_id, instance=None))
    active.refresh_from_db()
    assert active.deleted_at is None
    cloud.driver().compute.delete(active.remote_id)
    watch.take(cloud, Change(remote_id=active.remote_id, instance=None))
    active.refresh_from_db()
    assert (active.status, used(lab)) == ("DELETED", 0)


def test_one_sync_of_a_cloud_at_a_time(cloud):
    cloud.sync_lease_until = timezone.now() + timedelta(seconds=60)
    cloud.save()
    assert not inventory.sync_cloud(cloud.pk)


def test_a_cloud_that_is_away_keeps_its_rows_and_its_age(active, cloud, fake_path):
    Faults(str(fake_path)).away()
    seen_at = Instance.objects.get().seen_at
    inventory.sync_cloud(cloud.pk)
    cloud.refresh_from_db()
    assert cloud.is_away
    assert Instance.objects.get().seen_at == seen_at


def test_a_sync_takes_the_same_number_of_queries_for_three_rows_and_for_thirty(launch, work, cloud, lab):
    Quota.objects.filter(tenant=lab).update(limit=None)
    counts = []
    for size in (3, 27):
        for number in range(size):
            launch(f"web-{number}")
        work()
        inventory.sync_cloud(cloud.pk)
        with CaptureQueriesContext(connection) as queries:
            inventory.sync_cloud(cloud.pk)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


def test_a_cloud_rests_for_many_times_as_long_as_a_look_at_it_took(cloud, monkeypatch):
    def slow(_cloud):
        time.sleep(0.1)

    Cloud.objects.update(rest_until=None)
    assert list(inventory.due()) == [cloud]
    monkeypatch.setattr(inventory, "ask", slow)
    assert inventory.sync_cloud(cloud.pk)
    assert list(inventory.due()) == []
    assert inventory.sync_cloud(cloud.pk), "who asks for it by name is not kept waiting"
    Cloud.objects.update(rest_until=F("rest_until") - timedelta(seconds=0.1 * inventory.REST + 1))
    assert list(inventory.due()) == [cloud]


@pytest.mark.parametrize("before", [{"status": Status.BUILD}, {}], ids=["it changed", "it did not"])
def test_of_two_observers_the_later_one_counts_whole_whoever_writes_first(cloud, launch, work, before):
    """The later one reads its rows before the earlier one writes, and compares with those."""
    instance = launch()
    work()
    Instance.objects.update(**before)
    scope, now = Scope(cloud), timezone.now()
    remote = cloud.driver().compute.get(Instance.objects.get().remote_id)

    def told():
        sync.record(scope, replace(remote, status=Status.BUILD, task="spawning"), taken_at=now)
        yield remote

    sync.record_all(scope, told(), taken_at=now + timedelta(seconds=1))
    instance.refresh_from_db()
    assert (instance.status, instance.task) == ("ACTIVE", "")
