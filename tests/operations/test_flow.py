"""Lease, fence, bells: one worker at a time, nothing lost, nothing doubled."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.operations import flow, run
from dashboard.operations.models import Operation, State, long_ago
from dashboard.operations.presence import is_dead, owner, started
from dashboard.operations.reconcile import reconcile


@pytest.fixture
def rung(monkeypatch):
    """The ids for which a bell was rung, instead of a message."""
    ids = []
    monkeypatch.setattr(flow, "ring", ids.append)
    return ids


@pytest.fixture
def operation(launch, rung):
    launch()
    return Operation.objects.get()


def test_only_one_of_two_workers_gets_it(operation):
    assert flow.claim(operation.pk, owner="a") is not None
    assert flow.claim(operation.pk, owner="b") is None


def test_after_the_lease_another_takes_over_and_the_first_writes_nothing_more(operation):
    first = flow.claim(operation.pk, owner="a")
    Operation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = flow.claim(operation.pk, owner="b")
    assert second.fence == first.fence + 1
    with pytest.raises(flow.LeaseLost):
        flow.write(first, error_code="internal")
    flow.write(second, waiting_for="cloud-away")
    assert Operation.objects.get().error_code == ""


def test_what_is_not_due_is_not_claimed(operation):
    Operation.objects.update(due_at=timezone.now() + timedelta(seconds=30))
    assert flow.claim(operation.pk, owner="a") is None


def test_a_tripled_message_does_the_work_once(operation, cloud):
    for _ in range(3):
        run.advance(operation.pk)
    assert len(list(cloud.driver().compute.list())) == 1
    assert [s.attempts for s in operation.steps.all()] == [1, 1]


def test_a_message_for_no_row_is_harmless(db):
    run.advance("00000000-0000-0000-0000-000000000000")


def test_the_reconciler_rings_for_a_lost_message_and_backs_off(operation, rung):
    rung.clear()
    assert reconcile() == 0
    Operation.objects.update(ring_after=long_ago())
    assert reconcile() == 1
    assert rung == [operation.pk]
    assert reconcile() == 0
    operation.refresh_from_db()
    assert operation.rings == 1
    assert operation.ring_after > timezone.now() + timedelta(seconds=3)


def test_nobody_rings_for_what_is_being_worked_on(operation):
    flow.claim(operation.pk, owner="another-machine/1/1")
    Operation.objects.update(ring_after=long_ago())
    assert reconcile() == 0


def test_the_lease_of_a_process_that_was_killed_is_free_at_once(operation, rung):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = owner().replace(f"/{os.getpid()}/", f"/{process.pid}/").rpartition("/")[0] + f"/{started(process.pid)}"
    flow.claim(operation.pk, owner=name)
    assert not is_dead(name)
    assert reconcile() == 0
    process.kill()
    process.communicate()
    assert is_dead(name)
    assert reconcile() == 1


def test_a_lease_of_another_machine_is_never_called_dead(db):
    assert not is_dead("elsewhere#12345678/1/1")
    assert not is_dead("")


def test_done_means_done(operation, work):
    work()
    assert flow.claim(operation.pk, owner="a") is None
    assert Operation.objects.get().state == State.DONE


def test_a_cancelled_operation_writes_nothing_more(operation):
    held = flow.claim(operation.pk, owner="a")
    flow.cancel(operation)
    with pytest.raises(flow.LeaseLost):
        flow.finish(held)


def test_a_cloud_that_comes_back_wakes_all_that_waited_for_it(operation, cloud):
    Operation.objects.update(state=State.WAITING, waiting_for="cloud-away", due_at=timezone.now() + timedelta(hours=1))
    flow.wake_all(cloud)
    assert flow.claim(operation.pk, owner="a") is not None


def test_a_broker_that_is_away_is_no_error(operation, settings, monkeypatch):
    from celery import current_app

    monkeypatch.undo()
    monkeypatch.setattr(current_app, "send_task", raises(OSError("no broker")))
    flow.ring(operation.pk)


def raises(error):
    def call(*args, **kwargs):
        raise error

    return call
