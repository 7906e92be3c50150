"""The page of what an instance used."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.instances.models import Instance
from dashboard.metrics import sampling
from dashboard.metrics.reading import SPANS
from dashboard.metrics.words import with_unit

from .conftest import NOON, usage_at

SPAN = {"1h": 60, "24h": 24 * 60, "7d": 7 * 24 * 60, "30d": 30 * 24 * 60}


def page_of(browser, instance, **query):
    answer = browser.get(f"/t/lab/instances/{instance.pk}/metrics/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def drawn(page):
    return json.loads(re.search(r'<script id="drawn" type="application/json">(.*?)</script>', page).group(1))


@pytest.fixture
def measured(tell, active):
    """Until now: a steady minute after the other, for an hour and a quarter."""
    since = timezone.now().replace(second=30) - timedelta(minutes=76)
    tell(*range(76), since=since)
    return active


@pytest.mark.parametrize("span", SPANS)
def test_every_span_shows_four_charts_with_tables(browser, measured, span):
    page = page_of(browser, measured, range=span)
    assert list(drawn(page)["charts"]) == ["cpu", "memory", "disk", "network"]
    assert page.count("<caption") == page.count("<details") == 4
    assert "50 %" in page
    assert re.search(r"<td class=\"num\">1 kB/s</td>", page)


@pytest.mark.parametrize("span", SPANS)
def test_what_is_drawn_is_of_that_span(browser, measured, span):
    data = drawn(page_of(browser, measured, range=span))
    [line] = data["charts"]["cpu"]["lines"]
    assert len(line["average"]) * data["step"] == SPAN[span] * 60
    known = [number for number in line["average"] if number is not None]
    assert known == pytest.approx([50] * len(known), rel=1e-2)
    assert ("highest" in line) is (span != "1h")


def test_what_a_stopped_instance_used_is_not_shown_as_if_it_were_now(browser, measured):
    assert "<b>50 %</b>" in page_of(browser, measured)
    Instance.objects.update(status="SHUTOFF")
    page = page_of(browser, measured)
    assert ("<b>50 %</b>" in page, "<b>–</b>" in page, "50 % on average" in page) == (False, True, True)


def test_it_begins_as_every_page_of_the_instance(browser, measured):
    Instance.objects.update(tags=["blue"], is_locked=True)
    page = page_of(browser, measured)
    assert ("Locked" in page, 'title="blue"' in page) == (True, True)


def test_an_unknown_span_is_the_first(browser, measured):
    assert drawn(page_of(browser, measured, range="9y"))["step"] == 60


def test_the_running_slot_is_shown_of_what_there_is_of_it(browser, tell, active):
    now = timezone.now()
    tell(0, 1, 2, since=now - timedelta(minutes=2))
    [line] = drawn(page_of(browser, active, range="30d"))["charts"]["cpu"]["lines"]
    assert line["average"][-1] == pytest.approx(50, rel=1e-2)


def test_the_table_says_hours_by_the_viewers_clock(browser, measured):
    browser.cookies["zone"] = "Asia/Kolkata"
    page = page_of(browser, measured, range="24h")
    assert re.search(r'<time datetime="[^"]*:00:00\+05:30">', page)


@pytest.mark.parametrize("span", SPANS)
def test_a_page_takes_few_queries(browser, measured, span, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        page_of(browser, measured, range=span)


def test_what_a_cloud_does_not_tell_is_said_at_its_chart(browser, active, tell):
    since = timezone.now() - timedelta(minutes=3)
    tell(0, 1, 2, since=since, memory_used_mib=None, net_rx_bytes=None, net_tx_bytes=None)
    page = page_of(browser, active)
    assert "The cloud pretend does not tell how much of its memory this instance uses." in page
    assert "The cloud pretend does not tell what this instance receives and sends." in page
    assert list(drawn(page)["charts"]) == ["cpu", "disk"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "The first values come within two minutes"),
        ({"status": "SHUTOFF"}, "It does not run, so there is nothing to measure yet."),
        ({"deleted_at": NOON}, "This instance was deleted, and what was known of its use with it."),
    ],
)
def test_an_empty_page_says_why(browser, active, change, words):
    Instance.objects.update(**change)
    page = page_of(browser, active)
    assert words in page
    assert 'id="drawn"' not in page


def test_a_cloud_that_does_not_tell_is_named(browser, active, cloud):
    cloud.features.remove("metrics")
    cloud.save()
    assert "The cloud pretend does not tell what its instances use." in page_of(browser, active)


def test_metrics_that_are_turned_off_are_said_to_be(browser, active, settings):
    settings.METRICS_EVERY_S = 0
    assert "Metrics are turned off in this installation." in page_of(browser, active)


def test_what_was_measured_long_ago_is_found_in_a_longer_span(browser, active, tell):
    tell(0, 1, 2, 10, since=timezone.now() - timedelta(hours=3))
    assert "Nothing was measured in this time. Choose a longer one." in page_of(browser, active)
    assert drawn(page_of(browser, active, range="24h"))["charts"]


def test_a_stranger_finds_no_such_page(client, charlie, other, measured):
    client.force_login(charlie)
    assert client.get(f"/t/other/instances/{measured.pk}/metrics/").status_code == 404
    assert client.get(f"/t/lab/instances/{measured.pk}/metrics/").status_code == 404


def test_the_overview_says_what_is_used_now(browser, active):
    for minutes in (2, 1):
        usage = usage_at(-minutes, remote_id=active.remote_id, since=timezone.now())
        sampling.record([usage], {active.remote_id: active}, longest_s=150)
    page = browser.get(f"/t/lab/instances/{active.pk}/").content.decode()
    assert re.search(r"<dt>Used now</dt><dd>50 % CPU, 200 MiB memory", page)


def test_the_overview_does_not_call_old_values_now(browser, active, tell):
    tell(0, 1, since=timezone.now() - timedelta(hours=1))
    assert "Used now" not in browser.get(f"/t/lab/instances/{active.pk}/").content.decode()


@pytest.mark.parametrize(
    ("name", "number", "text"),
    [
        ("cpu", 0.04, "0 %"),
        ("cpu", 3.25, "3.2 %"),
        ("cpu", 99.6, "100 %"),
        ("memory", 511.6, "512 MiB"),
        ("memory", 1536.0, "1.5 GiB"),
        ("net_rx", 0.0, "0 B/s"),
        ("net_rx", 999.4, "999 B/s"),
        ("net_rx", 999.6, "1 kB/s"),
        ("disk_read", 12_345_678.0, "12 MB/s"),
        ("disk_read", None, "–"),
    ],
)
def test_numbers_have_units(name, number, text):
    assert with_unit(name, number) == text
