"""What was used: the same as counting every second by hand."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.clouds.interface import Status
from dashboard.usage import rolling
from dashboard.usage.models import Counted, DayUse, Span
from dashboard.usage.reading import Days, Use, by_instance, counted, midnight
from dashboard.usage.reading import uses as uses_until
from dashboard.usage.spans import Seen, observe, seconds

pytestmark = pytest.mark.django_db
FIRST = date(2025, 3, 9)
DAY_S = 86400
SIZES = {"small": (1, 512, 5), "large": (8, 16384, 80)}
TENANTS = [uuid.UUID(int=n) for n in (1, 2)]
CLOUD = uuid.UUID(int=3)


@dataclass(frozen=True)
class Change:
    """At `second` after midnight of FIRST an instance is `status` (None: gone) with that flavor."""

    second: float
    instance: int
    status: str | None
    flavor: str

    @property
    def tenant(self):
        return TENANTS[self.instance % 2]


def seen(change: Change) -> Seen | None:
    if change.status is None:
        return None
    vcpus, ram_mib, disk_gib = SIZES[change.flavor]
    return Seen(
        tenant_id=change.tenant,
        tenant_name="t",
        cloud_id=CLOUD,
        cloud_name="c",
        instance_name=f"n{change.instance}",
        flavor=change.flavor,
        vcpus=vcpus,
        ram_mib=ram_mib,
        disk_gib=disk_gib,
        status=change.status,
    )


def play(changes: list[Change]) -> None:
    for change in changes:
        at = datetime(2025, 3, 9, tzinfo=UTC) + timedelta(seconds=change.second)
        observe({uuid.UUID(int=100 + change.instance): seen(change)}, at=at)


def by_hand(changes: list[Change], *, end: int) -> Counter:
    """Every second on its own: what each instance was at the end of it. An independent model of the whole app."""
    found: Counter = Counter()
    for number in {change.instance for change in changes}:
        mine = [change for change in changes if change.instance == number]
        is_there, runs, flavor = False, False, ""
        for second in range(EARLIEST, end):
            while mine and int(mine[0].second) <= second:
                change = mine.pop(0)
                if change.status is None:
                    is_there = False
                elif is_there or change.status not in ("BUILD", "UNKNOWN", "ERROR"):
                    flavor = change.flavor
                    if change.status not in ("BUILD", "UNKNOWN"):
                        runs = change.status not in ("SHUTOFF", "SHELVED", "ERROR")
                    is_there = True
            if is_there:
                day, tenant = FIRST + timedelta(days=second // DAY_S), TENANTS[number % 2]
                vcpus, ram_mib, disk_gib = SIZES[flavor]
                for name, amount in (
                    ("instance_s", 1),
                    ("vcpu_s", vcpus * runs),
                    ("ram_mib_s", ram_mib * runs),
                    ("disk_gib_s", disk_gib),
                ):
                    found[day, tenant, flavor, name] += amount
    return found


def as_counter(found) -> Counter:
    return Counter(
        {
            (day, tenant, flavor, name): getattr(use, name)
            for (day, tenant, flavor), use in found.items()
            for name in ("instance_s", "vcpu_s", "ram_mib_s", "disk_gib_s")
        }
    )


STATUSES = st.sampled_from([None, *(status.value for status in Status if status != Status.DELETED)])
EARLIEST = DAY_S - 200
# around a midnight, so that most histories cross it, with parts of seconds, several in one second too
MOMENTS = st.integers(0, 4 * 400).map(lambda quarter: EARLIEST + quarter / 4)
HISTORIES = st.lists(
    st.builds(Change, second=MOMENTS, instance=st.integers(0, 3), status=STATUSES, flavor=st.sampled_from(list(SIZES))),
    max_size=14,
).map(lambda changes: sorted(changes, key=lambda change: change.second))
END = DAY_S + 300


@settings(max_examples=12)
@given(history=HISTORIES)
def test_it_equals_counting_every_second_by_hand(history):
    with transaction.atomic():
        check_against_hand(history)
        transaction.set_rollback(True)


@pytest.mark.slow
@settings(max_examples=300)
@given(history=HISTORIES)
def test_it_equals_counting_every_second_by_hand_again_and_again(history):
    with transaction.atomic():
        check_against_hand(history)
        transaction.set_rollback(True)


def check_against_hand(history):
    play(history)
    hand = by_hand(history, end=END)
    days = Days(FIRST, FIRST + timedelta(days=3))
    now_s = midnight(FIRST) + END
    by = ("day", "tenant_id", "flavor")
    live = as_counter(uses(days, by=by, now_s=now_s))
    assert +live == +hand
    Counted.objects.update_or_create(pk=1, defaults={"since_s": midnight(FIRST), "rolled_until": FIRST})
    rolling.roll_up(now=datetime(2025, 3, 10, 1, 0, 1, tzinfo=UTC))
    assert Counted.objects.get().rolled_until == date(2025, 3, 10)
    assert +as_counter(uses(days, by=by, now_s=now_s)) == +hand
    for tenant in TENANTS:
        mine = by_instance(days, now_s=now_s, tenant_id=tenant)
        assert sum((use.vcpu_s for use in mine.values()), 0) == sum(
            amount for (_day, whose, _flavor, name), amount in hand.items() if whose == tenant and name == "vcpu_s"
        )
    overlapping_is_refused()


def overlapping_is_refused():
    for pk in set(Span.objects.values_list("instance_id", flat=True)):
        spans = list(Span.objects.filter(instance_id=pk).order_by("began_s").values_list("began_s", "ended_s"))
        assert all(end is not None and end <= begin for (_b, end), (begin, _e) in pairwise(spans))


def uses(days, **asked):
    return uses_until(days, until=counted().rolled_until, **asked)


@pytest.fixture
def since_first():
    Counted.objects.update_or_create(pk=1, defaults={"since_s": midnight(FIRST), "rolled_until": FIRST})


def span(*, begin: int, end: int | None, tenant=TENANTS[0], vcpus=1, is_running=True, **more):
    return Span.objects.create(
        tenant_id=tenant,
        tenant_name="t",
        cloud_id=CLOUD,
        cloud_name="c",
        instance_id=uuid.uuid4(),
        instance_name="n",
        vcpus=vcpus,
        ram_mib=1024,
        disk_gib=10,
        is_running=is_running,
        began_s=midnight(FIRST) + begin,
        ended_s=None if end is None else midnight(FIRST) + end,
        **{"flavor": "small"} | more,
    )


def test_a_span_over_midnight_is_cut_there(since_first):
    span(begin=DAY_S - 10, end=DAY_S + 5, vcpus=4)
    found = uses(Days(FIRST, FIRST + timedelta(days=1)), by=["day"], now_s=midnight(FIRST) + 3 * DAY_S)
    assert found == {
        (FIRST,): Use(10, 40, 10240, 100),
        (FIRST + timedelta(days=1),): Use(5, 20, 5120, 50),
    }


def test_what_lasts_counts_until_now_and_not_beyond(since_first):
    span(begin=100, end=None)
    found = uses(Days(FIRST, FIRST + timedelta(days=40)), by=["tenant_id"], now_s=midnight(FIRST) + 160)
    assert found[TENANTS[0],].instance_s == 60


def test_days_outside_the_range_do_not_count(since_first):
    span(begin=0, end=5 * DAY_S)
    later = FIRST + timedelta(days=2)
    found = uses(Days(later, later), by=["day"], now_s=midnight(FIRST) + 9 * DAY_S)
    assert found == {(later,): Use(DAY_S, DAY_S, 1024 * DAY_S, 10 * DAY_S)}


def test_summing_up_again_gives_the_same(since_first):
    span(begin=50, end=2 * DAY_S + 7)
    now = datetime(2025, 3, 12, 1, 0, 1, tzinfo=UTC)
    assert rolling.roll_up(now=now) == 3
    before = list(DayUse.objects.order_by("day").values_list("day", "instance_s"))
    assert rolling.roll_up(now=now) == 0
    Counted.objects.update(rolled_until=FIRST)
    assert rolling.roll_up(now=now) == 3
    assert list(DayUse.objects.order_by("day").values_list("day", "instance_s")) == before
    assert [amount for _day, amount in before] == [DAY_S - 50, DAY_S, 7]


def test_a_day_is_left_alone_for_an_hour_after_its_end(since_first):
    assert rolling.roll_up(now=datetime(2025, 3, 10, 0, 59, 59, tzinfo=UTC)) == 0
    assert rolling.roll_up(now=datetime(2025, 3, 10, 1, 0, 0, tzinfo=UTC)) == 1


def test_seconds_are_whole_and_downwards():
    assert seconds(datetime(1970, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC)) == 1
