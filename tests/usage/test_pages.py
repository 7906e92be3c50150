"""The pages of usage, their files, and what they refuse."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tenancy.models import Tenant
from dashboard.tenants import removal
from dashboard.usage import rolling
from dashboard.usage.models import Counted
from dashboard.usage.reading import ONE_DAY, midnight
from tests.conftest import make_tenant

from .conftest import MONDAY, TODAY, cells, of_lab, span, text


def test_a_day_shows_its_hours_and_the_total_is_their_sum(reader, used):
    page = text(reader.get(of_lab()))
    row = page[page.index(f"{MONDAY}</time>") :].partition("</tr>")[0]
    assert [">3.50<" in row, ">4.00<" in row, ">3.00<" in row, ">35.00<" in row] == [True] * 4
    assert ">35.00<" in page[page.index("<tfoot") :]


def test_by_flavor_names_the_cloud_that_is_gone_and_by_instance_the_last_name(reader, used):
    page = text(reader.get(of_lab(by="flavor")))
    assert "on gone-cloud" in page
    assert "+evil" in page
    page = text(reader.get(of_lab(by="instance")))
    assert page.index("web-1") < page.index("=cmd|")  # the most vCPUs first


def test_the_bars_are_the_days(reader, used):
    charts = reader.get(of_lab()).context["charts"]
    slot = charts["days"].index(midnight(MONDAY))
    assert [bars[slot] for bars in charts["bars"].values()] == [3.5, 4.0, 3.0, 35.0]


def test_nothing_used_says_what_counts(reader, counted, lab):
    page = text(reader.get(of_lab(by="instance")))
    assert "What is launched counts from when it is up" in page


def test_before_counting_began_there_are_no_days(reader, counted, lab):
    Counted.objects.update(since_s=midnight(TODAY), rolled_until=TODAY)
    assert text(reader.get(of_lab())).count("<time") == 1


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"first": "2026-02-30", "last": "2026-03-01"}, "Type a date such as 2026-11-30."),
        ({"first": "", "last": ""}, "Type a date such as 2026-11-30."),
        ({"first": "ten", "last": "2026-01-01"}, "Type a date such as 2026-11-30."),
        ({"first": "2026-03-02", "last": "2026-03-01"}, "This is after the last day, 2026-03-01."),
        ({"first": "2024-01-01", "last": "2025-02-04"}, "At most 400 can be looked at once."),
        ({"first": "2024-01-01", "last": "9999-12-31"}, "That day has not come yet."),
    ],
)
def test_days_that_make_no_range_are_told_and_kept(reader, lab, counted, query, told):
    for name in ("index", "export"):
        answer = reader.get(reverse(f"usage:{name}", args=["lab"], query=query))
        assert answer.status_code == 422
        assert told in text(answer)
        assert not query["first"] or f'value="{query["first"]}"' in text(answer)


def test_four_hundred_days_and_the_first_day_of_all_are_shown(reader, lab, counted):
    first = TODAY - timedelta(days=399)
    for query in ({"first": first, "last": TODAY}, {"first": "0001-01-01", "last": "0001-01-02"}):
        assert reader.get(reverse("usage:index", args=["lab"], query=query)).status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "²", "9" * 20])
def test_a_page_that_is_none_leads_to_the_first(reader, used, page):
    assert reader.get(of_lab(by="instance", page=page)).context["found"] == 2


def test_a_hundred_instances_are_a_page(reader, counted, lab):
    for number in range(101):
        span(lab, name=f"n{number}")
    answer = reader.get(of_lab(by="instance"))
    assert (len(answer.context["rows"]), answer.context["after"]) == (100, 2)
    assert len(reader.get(of_lab(by="instance", page=2)).context["rows"]) == 1


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize("by", ["day", "flavor", "instance"])
def test_the_page_takes_at_most_eight_queries_of_usage(reader, counted, lab, by, number, django_assert_max_num_queries):
    for one in range(number):
        span(lab, name=f"n{one}", flavor=f"f{one}", day=MONDAY + one % 5 * ONE_DAY)
    rolling.roll_up()
    with django_assert_max_num_queries(12):  # four of them say who is asking
        reader.get(of_lab(by=by))


# --- files ------------------------------------------------------------------------


def test_the_file_has_hours_and_exact_seconds_and_no_formula(reader, used):
    header, *rows = cells(reader.get(reverse("usage:export", args=["lab"], query={"range": "30-days"})))
    assert header[:4] == ["day", "cloud", "flavor", "instance_hours"]
    assert rows == [
        [
            str(MONDAY),
            "gone-cloud",
            "'+evil",
            *["1.500000", "0.000000", "0.000000", "15.000000", "5400", "0", "0", "54000"],
        ],
        [
            str(MONDAY),
            "gone-cloud",
            "small",
            *["2.000000", "4.000000", "3.000000", "20.000000", "7200", "14400", "11059200", "72000"],
        ],
    ]


def test_the_file_by_instance_has_no_formula_either(reader, used):
    rows = cells(reader.get(reverse("usage:export", args=["lab"], query={"range": "30-days", "by": "instance"})))
    assert [row[0] for row in rows] == ["instance", "web-1", "'=cmd|' /C calc'!A0"]


def test_a_file_of_many_days_has_every_month(reader, lab):
    first = TODAY - timedelta(days=70)
    Counted.objects.update_or_create(pk=1, defaults={"since_s": midnight(first), "rolled_until": first})
    for number in range(0, 70, 10):
        span(lab, day=first + timedelta(days=number))
    rolling.roll_up()
    rows = cells(reader.get(reverse("usage:export", args=["lab"], query={"first": first, "last": TODAY})))
    assert len(rows) == 8


# --- all tenants ------------------------------------------------------------------


def test_administrators_see_all_tenants_also_one_that_is_deleted(admin, used, other):
    gone = make_tenant("gone")
    span(gone, vcpus=16)
    gone_name = gone.name
    gone.delete()
    rolling.roll_up()
    Counted.objects.update(rolled_until=TODAY - timedelta(days=50))
    answer = admin.get(reverse("usage:all", query={"range": "30-days", "sort": "-vcpus"}))
    assert [(line.name, line.more) for line in answer.context["rows"]] == [(gone_name, ""), ("Lab", "lab")]
    assert answer.context["total"].use.vcpu_s == 14400 + 16 * 7200
    assert "deleted" in text(answer)


@pytest.mark.parametrize("sort", ["name", "-name", "instances", "-memory", "disk", "nonsense"])
def test_they_are_put_into_order(admin, used, other, sort):
    span(other, end=60)
    Counted.objects.update(rolled_until=MONDAY)
    rows = admin.get(reverse("usage:all", query={"range": "30-days", "sort": sort})).context["rows"]
    names = [line.name for line in rows]
    assert names == (["Other", "Lab"] if sort in ("-name", "instances", "disk") else ["Lab", "Other"])


@pytest.mark.parametrize("number", [1, 120])
def test_the_page_of_all_takes_at_most_eight_queries(admin, counted, number, django_assert_max_num_queries):
    for one in range(number):
        span(make_tenant(f"t{one}"))
    rolling.roll_up()
    with django_assert_max_num_queries(8):
        answer = admin.get(reverse("usage:all", query={"range": "30-days"}))
    assert len(answer.context["rows"]) == min(number, 100)


def test_the_file_of_all_names_tenants(admin, used, other):
    rows = cells(admin.get(reverse("usage:export-all", query={"range": "30-days"})))
    assert [row[1:3] for row in rows] == [["tenant", "name"], ["lab", "Lab"], ["lab", "Lab"]]
    assert admin.get(reverse("usage:export-all", query={"first": "x"})).status_code == 422


def test_the_file_of_all_names_who_was_deleted_as_it_names_the_others(admin, used, other):
    span(other)
    span(make_tenant("unsaid"))
    Counted.objects.update(rolled_until=MONDAY)
    removal.remove(other, actor="root")
    Tenant.objects.filter(slug="unsaid").delete()
    rows = cells(admin.get(reverse("usage:export-all", query={"range": "30-days"})))
    assert sorted(row[1:3] for row in rows[1:]) == [["", "Unsaid"], ["lab", "Lab"], ["lab", "Lab"], ["other", "Other"]]
