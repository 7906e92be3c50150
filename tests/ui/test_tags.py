"""Ages, sizes, icons and bars as templates write them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from dashboard.quotas.models import Resource
from dashboard.quotas.usage import Usage
from dashboard.ui.templatetags import ui

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (-SECOND, "0 s"),
        (59 * SECOND, "59 s"),
        (60 * SECOND, "1 min"),
        (59 * MINUTE, "59 min"),
        (HOUR, "1 h"),
        (23 * HOUR, "23 h"),
        (DAY, "1 d"),
        (7 * DAY, "1 wk"),
        (60 * DAY, "2 mo"),
        (729 * DAY, "24 mo"),
        (730 * DAY, "2 y"),
    ],
)
def test_a_length_of_time_is_one_number_and_one_unit(span, text):
    assert ui.words(span) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (-SECOND, "0:00"),
        (5 * SECOND, "0:05"),
        (60 * SECOND, "1:00"),
        (5 * MINUTE - SECOND, "4:59"),
        (5 * MINUTE, "5 min"),
        (9 * MINUTE + SECOND, "10 min"),
        (2 * HOUR, "120 min"),
        (2 * HOUR + SECOND, "3 h"),
        (23 * HOUR + 5 * MINUTE, "24 h"),
        (2 * DAY + SECOND, "3 d"),
    ],
)
def test_what_is_left_is_told_to_the_second_at_the_end_and_rounded_up_before(span, text):
    assert ui.left(span) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [(0 * SECOND, "0 s"), (90 * SECOND, "90 s"), (60 * SECOND, "1 min"), (150 * SECOND, "2 min"), (DAY, "24 h")],
)
def test_what_lies_ahead_promises_no_more_than_there_is(span, text):
    assert ui.ahead(span) == text


def test_an_age_has_the_exact_time_in_the_viewers_zone_as_its_tooltip():
    with timezone.override("Europe/Berlin"):
        html = ui.age(datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    assert 'title="2026-07-01 14:00:00 CEST"' in html
    assert 'datetime="2026-07-01T12:00:00+00:00"' in html


def test_a_moment_has_its_age_beside_it():
    html = ui.moment(timezone.now() - 5 * MINUTE)
    assert "UTC" in html
    assert "5 min ago" in html


@pytest.mark.parametrize("show", [ui.age, ui.moment, ui.duration, ui.mib])
def test_what_never_happened_is_a_dash(show):
    assert show(None) == "–"


@pytest.mark.parametrize(("span", "text"), [(1.24 * SECOND, "1.2 s"), (10 * SECOND, "10 s"), (90 * SECOND, "1 min")])
def test_short_durations_have_tenths(span, text):
    assert ui.duration(span) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 MiB"), (512, "512 MiB"), (1024, "1 GiB"), (1536, "1.5 GiB"), (262144, "256 GiB"), (8689896, "8,486.2 GiB")],
)
def test_memory_is_in_gib_from_one_gib_on(amount, text):
    assert ui.mib(amount) == text


def test_amounts_carry_the_unit_of_their_resource():
    assert ui.amount(2048, Resource.RAM_MIB) == "2 GiB"
    assert ui.amount(20, Resource.DISK_GIB) == "20 GiB"
    assert ui.amount(4, Resource.VCPUS) == "4"
    assert ui.amount(12000, Resource.VCPUS) == "12,000"
    assert ui.amount(800025, Resource.DISK_GIB) == "800,025 GiB"
    assert ui.amount(None, Resource.VCPUS) == "unlimited"


def test_what_changes_is_never_rounded():
    assert ui.unrounded(1126, Resource.RAM_MIB) == "1,126 MiB"
    assert ui.unrounded(2048, Resource.RAM_MIB) == "2 GiB"


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in ui.icon("plus")
    assert 'role="img" aria-label="More"' in ui.icon("plus", "More")


def test_a_label_of_an_icon_is_escaped():
    assert "&lt;b&gt;" in ui.icon("plus", "<b>")


@pytest.mark.parametrize(
    ("used", "after", "limit", "look", "widths"),
    [
        (5, 5, 10, "meter ", ("50.0", "50.0")),
        (5, 7, 10, "meter ", ("70.0", "50.0")),
        (9, 9, 10, "meter tight", ("90.0", "90.0")),
        (5, 20, 10, "meter over", ("100.0", "25.0")),
        (12, 12, 10, "meter over", ("100.0", "100.0")),
        (0, 0, 0, "meter tight", ("0.0", "0.0")),
        (5, 9, None, "meter ", ("0", "0")),
    ],
)
def test_a_bar_shows_before_and_after_against_the_limit(used, after, limit, look, widths):
    html = ui.usage_bar(Usage(Resource.VCPUS, used, after, limit))
    assert f'class="{look}"' in html
    assert f'class="adds" width="{widths[0]}%"' in html
    assert f'class="used" width="{widths[1]}%"' in html


def test_the_script_of_ages_gets_the_same_units_as_the_server():
    html = Template("{% age_units %}").render(Context())
    assert html == "s min h d wk mo y"
