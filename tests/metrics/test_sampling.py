"""A round: which clouds are asked, what is written, and that it stays as large as it is."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db.models import Sum
from django.db.models.functions import Length
from django.utils import timezone

from dashboard.clouds.drivers.fake import metrics as fake_metrics
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Feature, RemoteUsage
from dashboard.clouds.models import Cloud
from dashboard.instances import sync
from dashboard.instances.models import Instance
from dashboard.metrics import clock, sampling, tasks
from dashboard.metrics.levels import PIECES
from dashboard.metrics.models import Meter, Piece, Round
from dashboard.metrics.reading import read

from .conftest import NOON, usage_at


class Later:
    """The fake cloud's clock, as it goes on."""

    def __init__(self):
        self.passed_s = 0

    def time(self):
        self.passed_s += 60
        return time.time() + self.passed_s


def test_two_rounds_tell_what_an_instance_uses(active, monkeypatch):
    monkeypatch.setattr(fake_metrics, "time", Later())
    assert sampling.sample(active.cloud_id)
    assert sampling.sample(active.cloud_id)
    last = read(active, "1h").last
    assert 0 < last["cpu"] <= 100
    assert 0 < last["memory"] < active.ram_mib
    assert all(number is not None for number in last.values())


def test_only_one_round_of_a_cloud_is_under_way(active, monkeypatch):
    Round.objects.create(cloud=active.cloud, lease_until=timezone.now() + timedelta(seconds=60))
    assert not sampling.sample(active.cloud_id)
    Round.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sampling.sample(active.cloud_id)
    assert Round.objects.get().lease_until is None


def test_a_cloud_that_fails_leaves_a_gap_and_gives_the_lease_back(active, fake_path):
    Faults(str(fake_path)).fail("Unavailable", call="usages", times=1)
    assert not sampling.sample(active.cloud_id)
    assert (Round.objects.get().failure, Round.objects.get().lease_until) == ("Unavailable", None)
    assert sampling.sample(active.cloud_id)
    assert Round.objects.get().failure == ""


@pytest.mark.parametrize(
    ("fields", "asked"),
    [({}, 1), ({"health": "away"}, 0), ({"is_draft": True}, 0), ({"features": []}, 0)],
)
def test_only_clouds_that_answer_and_tell_are_asked(active, monkeypatch, fields, asked):
    rung = []
    monkeypatch.setattr(tasks.sample_cloud, "apply_async", lambda args, **how: rung.append(args))
    assert Feature.METRICS in active.cloud.features
    Cloud.objects.update(**fields)
    tasks.sample_clouds()
    assert len(rung) == asked


def test_what_is_not_ours_is_left_out(active):
    sampling.record([usage_at(0, remote_id="stranger")], {active.remote_id: active}, longest_s=150)
    assert not Meter.objects.exists()


@pytest.mark.parametrize(("set_by_s", "is_known"), [(0, True), (3600, False), (-3600, False)])
def test_after_the_clock_was_set_the_next_look_begins_anew(active, monkeypatch, set_by_s, is_known):
    monkeypatch.setattr(fake_metrics, "time", Later())
    assert sampling.sample(active.cloud_id)
    machine, _, offset = Round.objects.get().clock.rpartition(" ")
    Round.objects.update(clock=f"{machine} {float(offset) + set_by_s:.3f}")
    assert sampling.sample(active.cloud_id)
    assert ("cpu" in known(active)) is is_known


def known(instance):
    last = read(instance, "1h").last
    return {name for name, number in last.items() if number is not None}


@pytest.mark.parametrize(
    ("before", "now", "jumped"),
    [
        ("a 100.0", "a 101.0", False),
        ("a 100.0", "a 97.0", True),
        ("a 100.0", "a 3700.0", True),
        ("a 100.0", "b 3700.0", False),
        ("", "a 3700.0", False),
    ],
)
def test_a_clock_jumps_when_it_leaves_the_time_since_boot(before, now, jumped):
    assert clock.has_jumped(before, now) is jumped


def test_this_machines_clock_has_not_jumped_between_two_looks():
    assert not clock.has_jumped(clock.reading(), clock.reading())


class Dear:
    """A cloud that is asked about each instance by itself."""

    most = 2

    def __init__(self):
        self.asked = []

    def usages(self, remote_ids) -> tuple[RemoteUsage, ...]:
        self.asked.append(list(remote_ids))
        return ()


def test_a_dear_cloud_is_asked_about_all_in_turn(active, launch, work):
    for number in range(4):
        launch(f"more-{number}")
    work()
    dear, last = Dear(), Round(cloud=active.cloud)
    for _ in range(3):
        dear.usages(target.remote_id for target in sampling.targets(active.cloud, dear, last))
    assert [len(asked) for asked in dear.asked] == [2, 2, 1]
    assert len({remote_id for asked in dear.asked for remote_id in asked}) == 5
    assert (last.parts, last.last_id) == (3, None)
    assert sampling.longest_s(last.parts) == 3 * sampling.longest_s(1)


def test_a_dear_cloud_is_not_asked_about_what_does_not_run(active):
    Instance.objects.update(status="SHUTOFF")
    assert sampling.targets(active.cloud, Dear(), Round(cloud=active.cloud)) == []


# --- size


def size(instance):
    """Rows and bytes of one instance."""
    pieces = Piece.objects.filter(instance=instance)
    stored = pieces.aggregate(bytes=Sum(Length("data")))["bytes"] or 0
    return pieces.count(), stored + len(Meter.objects.get(pk=instance.pk).hour)


@pytest.mark.slow
def test_after_31_days_an_instance_takes_no_more_room(active):
    """A look each half hour, as on a cloud with very many instances, for 31 days and two more."""
    known, day = {active.remote_id: active}, 24 * 60
    for minute in range(0, 31 * day, 30):
        sampling.record([usage_at(minute, remote_id=active.remote_id)], known, longest_s=7200)
    full = size(active)
    assert full == (PIECES, PIECES * 24 * 24 + 60 * 12)
    for minute in range(31 * day, 33 * day, 30):
        sampling.record([usage_at(minute, remote_id=active.remote_id)], known, longest_s=7200)
    assert size(active) == full
    now = NOON + timedelta(days=33, minutes=-30)  # of the last look
    for span in ("24h", "7d", "30d"):
        line = read(active, span, now=now).lines["cpu"]
        assert None not in line.average[:-1]


def test_the_statements_of_a_round_do_not_depend_on_how_many_there_are(active, django_assert_max_num_queries):
    counted = []
    for count in (1, 40):
        for number in range(count):
            size = {
                "vcpus": 1,
                "ram_mib": 512,
                "disk_gib": 1,
                "name": f"{count}-{number}",
                "remote_id": f"{count}-{number}",
            }
            Instance.objects.create(tenant=active.tenant, cloud=active.cloud, **size)
        known = {instance.remote_id: instance for instance in Instance.objects.all()}
        for minute in (4, 5):
            sampling.record([usage_at(minute, remote_id=one) for one in known], known, longest_s=150)
        with django_assert_max_num_queries(8) as queries:
            sampling.record([usage_at(10, remote_id=one) for one in known], known, longest_s=600)
        counted.append(len(queries.captured_queries))
    assert counted[0] == counted[1]
    assert Meter.objects.count() == 42


# --- what is gone


def test_what_was_known_of_an_instance_goes_with_it(active, tell):
    tell(*range(12))
    sync.record_gone(active)
    tasks.sweep()
    assert not Meter.objects.exists()
    assert not Piece.objects.exists()


def test_one_that_can_still_be_restored_keeps_it(active, tell):
    tell(*range(12))
    Instance.objects.update(delete_at=timezone.now() + timedelta(minutes=10))
    tasks.sweep()
    assert Meter.objects.count() == 1
    assert Piece.objects.exists()
