"""What a slow machine has no time for is left out, and said."""

from __future__ import annotations

import time

import pytest

from tests.report import BUDGET_S, MARGIN, OPENSTACK, POSTGRESQL, SQLITE, USUAL_S, Report


def ran(*, slower: float, began_s_ago: float) -> Report:
    report = Report()
    report.began = time.monotonic() - began_s_ago
    report.took[SQLITE] = slower * USUAL_S[SQLITE]
    return report


def test_a_usual_machine_has_time_for_all():
    report = ran(slower=1, began_s_ago=USUAL_S[SQLITE])
    assert report.lacks_time_for(*set(USUAL_S) - {SQLITE}) == ""


@pytest.mark.parametrize(("slower", "began_s_ago"), [(4, 1800), (1, BUDGET_S - 60)], ids=["slow", "late"])
def test_what_would_not_end_is_told_with_what_it_needs_and_what_is_left(slower, began_s_ago):
    report = ran(slower=slower, began_s_ago=began_s_ago)
    reason = report.lacks_time_for(OPENSTACK)
    left = (BUDGET_S - began_s_ago) / 60
    assert f"{slower * MARGIN * USUAL_S[OPENSTACK] / 60:.0f} minutes would be needed, and {left:.0f} are left" in reason


def test_the_summary_names_what_was_left_out(capsys):
    report = ran(slower=4, began_s_ago=0)
    report.leave_out(POSTGRESQL, report.lacks_time_for(POSTGRESQL, OPENSTACK))
    assert report.close() == 0
    assert f"LEFT OUT {POSTGRESQL}: this machine is slow" in capsys.readouterr().out
