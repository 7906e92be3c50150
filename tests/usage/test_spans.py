"""What the cloud did, as spans: exact to the second, and never two at once."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import RemoteInstance, Status
from dashboard.instances import actions, inventory, sync
from dashboard.instances.models import Instance
from dashboard.instances.scope import Scope
from dashboard.usage.models import Counted, Span
from dashboard.usage.rolling import roll_up
from dashboard.usage.spans import seconds

START = datetime(2025, 3, 10, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def built(launch, work):
    """An instance that runs, seen at START, and its cloud's word on it."""
    instance = launch()
    work()
    instance.refresh_from_db()
    Span.objects.all().delete()
    Instance.objects.update(seen_at=None)
    remote = instance.cloud.driver().compute.get(instance.remote_id)
    sync.record(Scope(instance.cloud), remote, taken_at=START)
    instance.refresh_from_db()
    return instance, remote


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def spans_of(instance) -> list[tuple[int, int | None, bool, int]]:
    """Each as seconds since START, whether it ran, and its vCPUs."""
    zero = seconds(START)
    return [
        (span.began_s - zero, span.ended_s and span.ended_s - zero, span.is_running, span.vcpus)
        for span in Span.objects.filter(instance_id=instance.pk).order_by("began_s")
    ]


def record(instance, remote, second, **changed):
    sync.record(Scope(instance.cloud), replace(remote, **changed), taken_at=at(second))


def test_start_stop_resize_and_delete_are_spans_that_share_their_boundaries(built):
    instance, remote = built
    record(instance, remote, 10, status=Status.SHUTOFF)
    record(instance, remote, 25, status=Status.ACTIVE)
    record(instance, remote, 40, status=Status.RESIZED, vcpus=2, ram_mib=1024, disk_gib=10)
    record(instance, remote, 50, status=Status.ACTIVE, vcpus=2, ram_mib=1024, disk_gib=10)
    assert spans_of(instance) == [(0, 10, True, 1), (10, 25, False, 1), (25, 40, True, 1), (40, None, True, 2)]
    assert Span.objects.get(instance_id=instance.pk, ended_s=None).flavor == "medium"
    sync.record_gone(instance)
    instance.refresh_from_db()
    assert Span.objects.get(instance_id=instance.pk, vcpus=2).ended_s == seconds(instance.deleted_at)
    assert not Span.objects.filter(ended_s=None).exists()


def test_what_is_deleted_counts_until_the_second_in_which_its_row_is_closed(launch, work, as_bob):
    instance = launch()
    work()
    actions.change(as_bob, instance.pk, "delete-now")
    Span.objects.filter(instance_id=instance.pk).update(began_s=seconds(timezone.now()) - 60)
    work()
    instance.refresh_from_db()
    assert [span.ended_s for span in Span.objects.all()] == [seconds(instance.deleted_at)]


def test_while_it_can_be_restored_it_counts_as_turned_off(launch, work, as_bob):
    instance = launch()
    work()
    Span.objects.update(began_s=seconds(timezone.now()) - 60)
    actions.change(as_bob, instance.pk, "delete")
    work()
    assert [(span.is_running, span.ended_s is None) for span in Span.objects.order_by("began_s")] == [
        (True, False),
        (False, True),
    ]
    Span.objects.filter(ended_s=None).update(began_s=seconds(timezone.now()) - 1)
    actions.change(as_bob, instance.pk, "restore")
    work()
    assert Span.objects.get(ended_s=None).is_running


def test_an_older_look_writes_no_span(built):
    instance, remote = built
    record(instance, remote, 30, status=Status.SHUTOFF)
    record(instance, remote, 20, status=Status.ACTIVE)
    assert spans_of(instance) == [(0, 30, True, 1), (30, None, False, 1)]


def test_of_two_changes_in_one_second_the_later_takes_the_place(built):
    instance, remote = built
    record(instance, remote, 10.1, status=Status.SHUTOFF)
    record(instance, remote, 10.5, status=Status.ACTIVE)
    assert spans_of(instance) == [(0, 10, True, 1), (10, None, True, 1)]


def test_what_began_after_it_by_another_clock_ends_nothing_before_it_began(built):
    """Its row is closed by the clock of another machine, which is behind."""
    instance, _remote = built
    Span.objects.update(began_s=seconds(timezone.now()) + 3600)
    sync.record_gone(instance)
    assert not Span.objects.filter(instance_id=instance.pk).exists()


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.BUILD])
def test_what_the_cloud_does_not_tell_goes_on_as_it_was(built, status):
    instance, remote = built
    record(instance, remote, 10, status=status)
    record(instance, remote, 20, status=Status.ACTIVE)
    assert spans_of(instance) == [(0, None, True, 1)]


def test_in_error_it_holds_its_disk_only(built):
    instance, remote = built
    record(instance, remote, 10, status=Status.ERROR)
    assert spans_of(instance) == [(0, 10, True, 1), (10, None, False, 1)]


@pytest.mark.parametrize("status", [Status.SHUTOFF, Status.SHELVED])
def test_turned_off_or_shelved_holds_its_disk_only(built, status):
    instance, remote = built
    record(instance, remote, 10, status=status)
    assert not Span.objects.get(ended_s=None).is_running


@pytest.mark.parametrize("status", [Status.PAUSED, Status.SUSPENDED, Status.RESCUE])
def test_paused_suspended_and_rescued_run(built, status):
    instance, remote = built
    record(instance, remote, 10, status=status)
    assert spans_of(instance) == [(0, None, True, 1)]


def test_a_launch_that_is_not_up_yet_does_not_count(launch, cloud):
    launch()
    inventory.sync_cloud(cloud.pk)
    assert not Span.objects.exists()


def test_a_launch_that_fails_never_counts(launch, work, cloud):
    Faults(cloud.settings["path"]).fail("Refused", reason="capacity", call="create", times=1)
    launch()
    work()
    assert Instance.objects.get().status == Status.ERROR
    assert not Span.objects.exists()


def test_a_new_name_is_no_new_span(built):
    instance, remote = built
    record(instance, remote, 10, name="renamed")
    span = Span.objects.get(instance_id=instance.pk)
    assert (span.instance_name, span.tenant_name, span.cloud_name) == ("renamed", "Lab", "pretend")


def test_the_spans_stay_when_the_rows_are_gone(built):
    instance, _remote = built
    Instance.objects.filter(pk=instance.pk).delete()
    assert Span.objects.filter(instance_id=instance.pk).count() == 1


def test_two_open_spans_of_one_instance_cannot_be(built):
    instance, _remote = built
    span = Span.objects.get(instance_id=instance.pk)
    span.pk, span.began_s = None, span.began_s + 5
    with pytest.raises(IntegrityError), transaction.atomic():
        span.save(force_insert=True)


def test_what_fails_in_the_same_transaction_leaves_no_span(built):
    instance, remote = built
    with transaction.atomic():
        record(instance, remote, 10, status=Status.SHUTOFF)
        transaction.set_rollback(True)
    assert spans_of(instance) == [(0, None, True, 1)]


# --- a whole cloud ----------------------------------------------------------------


def many(cloud, tenant, number):
    """Rows that were never seen, and what their cloud says of them."""
    made = [
        Instance(
            tenant=tenant, cloud=cloud, name=f"n{n}", vcpus=1, ram_mib=512, disk_gib=5, remote_id=str(uuid.uuid4())
        )
        for n in range(number)
    ]
    Instance.objects.bulk_create(made)

    return [
        RemoteInstance(id=one.remote_id, name=one.name, status=Status.ACTIVE, vcpus=1, ram_mib=512, disk_gib=5)
        for one in made
    ]


def queries_about_spans(scope, remotes, taken_at) -> int:
    with CaptureQueriesContext(connection) as captured:
        sync.record_all(scope, remotes, taken_at=taken_at)
    return sum("usage_" in query["sql"] for query in captured.captured_queries)


@pytest.mark.parametrize("number", [3, 60])
def test_a_batch_takes_the_same_queries_whatever_its_size(cloud, lab, number):
    remotes = many(cloud, lab, number)
    now = timezone.now()
    first = queries_about_spans(Scope(cloud), remotes, now)
    same = queries_about_spans(Scope(cloud), remotes, now + timedelta(seconds=10))
    off = [replace(remote, status=Status.SHUTOFF) for remote in remotes]
    changed = queries_about_spans(Scope(cloud), off, now + timedelta(seconds=20))
    shelved = [replace(remote, status=Status.SHELVED) for remote in remotes]
    alike = queries_about_spans(Scope(cloud), shelved, now + timedelta(seconds=30))
    assert (first, same, changed, alike) == (3, 0, 4, 1)
    assert Span.objects.filter(ended_s=None, is_running=False).count() == number


# --- days that are over -----------------------------------------------------------


def test_a_change_on_a_day_that_is_over_has_its_sum_made_anew(built):
    instance, remote = built
    past = timezone.now() - timedelta(days=3)
    Span.objects.all().update(began_s=seconds(past - timedelta(days=4)))
    Counted.objects.update_or_create(
        pk=1, defaults={"since_s": seconds(past - timedelta(days=4)), "rolled_until": (past - timedelta(days=4)).date()}
    )
    assert roll_up() >= 6
    Instance.objects.update(seen_at=past - timedelta(days=1))
    sync.record(Scope(instance.cloud), replace(remote, status=Status.SHUTOFF), taken_at=past)
    assert Counted.objects.get().rolled_until == past.astimezone(UTC).date()
