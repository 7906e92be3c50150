"""From looks at counters to slots: what is known, and what is a gap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.levels import DAY, LEVELS, MONTH, WEEK, WIDTH
from dashboard.metrics.numbers import NAMES, pack, unpack
from dashboard.metrics.rates import rates
from dashboard.metrics.record import Pieces, first_look, minute_of, next_look, roll_up

from .conftest import NOON, usage_at

GAP = [None] * 6


def looked(*minutes, longest_s=150.0, **changed):
    """The last look of a steady instance at these minutes."""
    look = first_look(usage_at(minutes[0]))
    for minute in minutes[1:]:
        change = next_look(look, usage_at(minute, **changed), vcpus=1, longest_s=longest_s)
        look = change.look if change else look
    return look


def hour(look):
    """The slots of its hour, the newest last."""
    numbers = unpack(look.hour)
    return [numbers[start : start + 6] for start in range(0, len(numbers), 6)]


def cpu(look, count):
    return [None if slot[0] is None else round(slot[0]) for slot in hour(look)[-count:]]


@given(st.floats(0, 1e12))
def test_a_number_comes_back_within_a_thousandth(number):
    [back] = unpack(pack([number]))
    assert back == pytest.approx(number, rel=1e-3, abs=1e-3)


def test_a_gap_comes_back_as_a_gap_and_nothing_as_nothing():
    assert unpack(pack([None, 0.0, None])) == [None, 0.0, None]


def test_the_first_look_knows_only_the_memory():
    assert hour(looked(0))[-1] == [None, pytest.approx(200, rel=1e-3), None, None, None, None]


def test_the_second_look_knows_the_rates():
    found = dict(zip(NAMES, hour(looked(0, 1))[-1], strict=True))
    expected = {"cpu": 50, "memory": 200, "disk_read": 1000, "disk_write": 2000, "net_rx": 100_000, "net_tx": 10}
    assert found == pytest.approx(expected, rel=2e-3)


def test_processor_time_is_a_share_of_all_vcpus():
    assert rates([0] * 5, [60 * 10**9] * 5, seconds=60, vcpus=4)[0] == 25


def test_a_look_that_covers_two_minutes_is_the_average_of_both():
    assert cpu(looked(0, 1, 3), 4) == [None, 50, 50, 50]


@pytest.mark.parametrize("life", ["1", "2"])
def test_counters_that_began_anew_leave_a_gap(life):
    look = looked(0, 1)
    again = usage_at(2, life=life, cpu_ns=5, disk_read_bytes=10**15, net_rx_bytes=10**15)
    change = next_look(look, again, vcpus=1, longest_s=150)
    assert hour(change.look)[-1][0] is None
    assert hour(change.look)[-1][2:] == GAP[2:]  # what has overtaken by now is not believed either
    after = next_look(change.look, usage_at(3, life=life, cpu_ns=5 + 6 * 10**9), vcpus=1, longest_s=150)
    assert cpu(after.look, 3) == [50, None, 10]


def test_a_start_is_seen_though_the_counters_have_overtaken():
    look = looked(0, 1)
    change = next_look(look, usage_at(2, life="another"), vcpus=1, longest_s=150)
    assert cpu(change.look, 2) == [50, None]


def test_a_disk_that_was_taken_out_leaves_a_gap_of_its_own():
    change = next_look(looked(0, 1), usage_at(2, disk_read_bytes=3), vcpus=1, longest_s=150)
    slot = dict(zip(NAMES, hour(change.look)[-1], strict=True))
    assert slot["disk_read"] is None
    assert slot["cpu"] == pytest.approx(50, rel=1e-3)


def test_what_was_not_told_in_between_is_a_gap_and_comes_back():
    look = next_look(looked(0, 1), usage_at(2, net_rx_bytes=None), vcpus=1, longest_s=150).look
    look = next_look(look, usage_at(3), vcpus=1, longest_s=150).look
    look = next_look(look, usage_at(4), vcpus=1, longest_s=150).look
    assert [slot[4] is None for slot in hour(look)[-4:]] == [False, True, True, False]


def test_after_a_long_silence_there_is_a_gap_and_nothing_is_made_up():
    assert cpu(looked(0, 1, 6), 6) == [50, None, None, None, None, None]
    assert cpu(looked(0, 1, 6, 7), 7) == [50, None, None, None, None, None, 50]


def test_after_days_of_silence_only_the_newest_is_there():
    look = looked(0, 1, 6000)
    assert hour(look)[:-1] == [GAP] * 59
    assert len(look.hour) == 60 * WIDTH


@pytest.mark.parametrize("minute", [5, 5.3, 4.7, 3.5])
def test_a_look_that_comes_twice_or_late_changes_nothing(minute):
    look = looked(3, 4, 5)
    assert next_look(look, usage_at(minute), vcpus=1, longest_s=150) is None


def test_a_clock_that_was_set_back_leaves_a_gap_and_forgets_what_has_not_been():
    look = looked(30, 31, 32, 33)
    back = next_look(look, usage_at(20), vcpus=1, longest_s=150).look
    assert back.minute == minute_of(NOON) + 20
    assert cpu(back, 2) == [None, None]
    assert cpu(next_look(back, usage_at(21), vcpus=1, longest_s=150).look, 2) == [None, 50]


def test_a_minute_is_missed_by_no_jitter():
    look = looked(0, 0.99, 2.01, 3, 3.98, 5)
    assert None not in cpu(look, 5)


# --- coarser levels


def rolled(values, *, start=NOON):
    """The pieces after a minute of each of these percentages of a processor."""
    pieces, total, look = Pieces({}), 0, first_look(usage_at(0, since=start, cpu_ns=0))
    for minute, percent in enumerate(values, start=1):
        total += round(percent / 100 * 60e9)
        change = next_look(look, usage_at(minute, since=start, cpu_ns=total), vcpus=1, longest_s=150)
        roll_up(pieces, change.over, now=change.look.minute)
        look = change.look
    return pieces


def slot_of(pieces, level, at):
    numbers = unpack(pieces.read(level, int(at.timestamp()) // level.step_s))
    return numbers[0], numbers[6]


def test_a_slot_of_five_minutes_has_their_average_and_their_peak():
    pieces = rolled([10, 10, 10, 10, 10, 0, 0, 90, 0, 0, 5])
    assert slot_of(pieces, DAY, NOON + timedelta(minutes=5)) == pytest.approx((20, 90), rel=5e-2)


def test_a_peak_of_one_minute_is_seen_in_every_level():
    values = [1.0] * 360
    values[70] = 100.0
    pieces = rolled(values)
    at = NOON + timedelta(minutes=71)
    for level in LEVELS:
        average, highest = slot_of(pieces, level, at)
        assert highest == pytest.approx(100, rel=1e-2)
        minutes = level.step_s // 60
        assert average == pytest.approx((100 + minutes - 1) / minutes, rel=2e-2)


def test_what_was_before_a_silence_is_rolled_up_when_it_ends():
    pieces, look = Pieces({}), looked(0, 1, 2, 3)
    change = next_look(look, usage_at(500), vcpus=1, longest_s=150)
    roll_up(pieces, change.over, now=change.look.minute)
    for level in (DAY, WEEK, MONTH):
        assert slot_of(pieces, level, NOON)[0] == pytest.approx(50, rel=1e-2)
    assert slot_of(pieces, DAY, NOON + timedelta(minutes=30)) == (None, None)


def test_one_look_in_many_minutes_fills_all_slots_in_between():
    pieces, look = Pieces({}), looked(0, 1)
    change = next_look(look, usage_at(60), vcpus=1, longest_s=7200)
    roll_up(pieces, change.over, now=change.look.minute)
    for minutes in range(5, 60, 5):
        assert slot_of(pieces, DAY, NOON + timedelta(minutes=minutes))[0] == pytest.approx(50, rel=1e-2)
    assert slot_of(pieces, WEEK, NOON + timedelta(minutes=30))[0] == pytest.approx(50, rel=1e-2)


def test_nothing_is_read_out_of_a_piece_from_another_time():
    pieces = rolled([50.0] * 20)
    assert slot_of(pieces, DAY, NOON)[0] is not None
    later = NOON + timedelta(seconds=DAY.step_s * DAY.pieces * 24)
    assert slot_of(pieces, DAY, later) == (None, None)
