"""The pages of usage, their files, and what they refuse."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Tenant
from dashboard.tenants import removal
from dashboard.usage import actions, rolling
from dashboard.usage.models import Counted, DayUse, PriceList, Span
from dashboard.usage.price_forms import PriceField, check_currency
from dashboard.usage.reading import ONE_DAY, midnight
from tests.conftest import make_tenant

TODAY = datetime.now(UTC).date()
MONDAY = TODAY - timedelta(days=20)
CLOUD = uuid.uuid4()
PRICES = {
    "instance_hour": Decimal("0"),
    "vcpu_hour": Decimal("0.01"),
    "ram_gib_hour": Decimal("0.004"),
    "disk_gib_hour": Decimal("0.0001"),
}


def span(tenant, *, day=MONDAY, begin=0, end=7200, name="web-1", **more):
    values = {"flavor": "small", "vcpus": 2, "ram_mib": 1536, "disk_gib": 10, "is_running": True} | more
    return Span.objects.create(
        tenant_id=tenant.pk,
        tenant_name=tenant.name,
        cloud_id=CLOUD,
        cloud_name="gone-cloud",
        instance_id=uuid.uuid4(),
        instance_name=name,
        began_s=midnight(day) + begin,
        ended_s=midnight(day) + end,
        **values,
    )


@pytest.fixture
def counted(db):
    Counted.objects.update_or_create(
        pk=1, defaults={"since_s": midnight(TODAY - timedelta(days=50)), "rolled_until": TODAY - timedelta(days=50)}
    )


@pytest.fixture
def used(counted, lab):
    span(lab)
    span(lab, begin=3600, end=9000, name="=cmd|' /C calc'!A0", flavor="+evil", is_running=False)
    rolling.roll_up()


@pytest.fixture
def reader(rita):
    client = Client()
    client.force_login(rita)
    return client


@pytest.fixture
def admin(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def as_root(root):
    return Administrator(user=root)


def of_lab(**query):
    return reverse("usage:index", args=["lab"], query={"range": "30-days"} | query)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def cells(response) -> list[list[str]]:
    body = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))


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


# --- prices -----------------------------------------------------------------------


def prices(as_root, day, **changed):
    return actions.create(
        as_root, valid_from=day, currency=changed.pop("currency", "EUR"), prices=PRICES | changed, today=TODAY
    )


def test_without_prices_there_is_no_cost(reader, used):
    assert "Cost" not in text(reader.get(of_lab()))


def test_with_prices_each_day_shows_what_it_costs(reader, used, as_root):
    prices(as_root, MONDAY)
    page = text(reader.get(of_lab()))
    # 4 vCPU hours, 3 GiB hours, 35 GiB hours of disk: 0.04 + 0.012 + 0.0035
    assert ">0.06<" in page[page.index("<tfoot") :]
    header, *rows = cells(reader.get(reverse("usage:export", args=["lab"], query={"range": "30-days"})))
    assert header[-1] == "cost_EUR"
    assert [row[-1] for row in rows] == ["0.001500", "0.054000"]


def test_days_before_the_prices_cost_nothing_and_days_after_keep_theirs(reader, counted, lab, as_root):
    for number in range(3):
        span(lab, day=MONDAY + number * ONE_DAY)
    prices(as_root, MONDAY + ONE_DAY)
    PriceList.objects.create(
        valid_from=MONDAY + 2 * ONE_DAY, currency="USD", created_by="x", **PRICES | {"vcpu_hour": Decimal(1)}
    )
    header, *rows = cells(reader.get(reverse("usage:export", args=["lab"], query={"range": "30-days"})))
    assert header[-2:] == ["cost_EUR", "cost_USD"]
    assert [row[-2:] for row in rows] == [["", ""], ["0.054000", ""], ["", "4.014000"]]
    by_instance = reader.get(of_lab(by="instance")).context["total"].money
    assert {name: float(amount) for name, amount in by_instance.items()} == {"EUR": 0.054, "USD": 4.014}


TYPED = {
    "valid_from": str(TODAY),
    "currency": "EUR",
    "instance_hour": "0",
    "vcpu_hour": "0,015",
    "ram_gib_hour": "0.004",
    "disk_gib_hour": "0.000100",
}


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("vcpu_hour", "-5", "A price cannot be less than 0."),
        ("vcpu_hour", "1e30", "“1e30” is no price. Type a number such as 0.05."),
        ("vcpu_hour", "ten", "“ten” is no price."),
        ("vcpu_hour", "", "Type a price, or 0 where it costs nothing."),
        ("vcpu_hour", "1" * 40, "This is too much. At most 99999999."),
        ("vcpu_hour", "0.0000001", "At most 6 digits after the point."),
        ("vcpu_hour", "NaN", "“NaN” is no price."),
        ("vcpu_hour", "٣", "“٣” is no price."),
        ("vcpu_hour", "1,000", "“1,000” can be read in two ways. Type 1000 or 1.000."),
        ("vcpu_hour", "1,000.50", "“1,000.50” is no price."),
        ("currency", "=E+1", "A currency is letters, or a sign such as €."),
        ("currency", "@EUR", "A currency is letters"),
        ("currency", "", "Type a currency, such as EUR."),
        ("currency", "E" * 17, "at most 16 characters"),
        ("currency", "E\u202eUR", "character that cannot be seen"),
        ("valid_from", "soon", "Type a date such as 2026-11-30."),
        ("valid_from", "", "Type a date such as 2026-11-30."),
    ],
)
def test_prices_that_are_none_are_told_at_their_field_and_kept(admin, field, typed, told):
    answer = admin.post(reverse("usage:create-prices"), TYPED | {field: typed})
    assert answer.status_code == 422
    assert told in answer.context["form"].errors[field][0]
    assert 'value="0,015"' in text(answer) or field == "vcpu_hour"
    assert not PriceList.objects.exists()


@pytest.mark.parametrize(("typed", "price"), [("1,5", "1.5"), ("0,015", "0.015"), ("1234,567", "1234.567")])
def test_a_comma_that_can_be_no_other_is_a_point(typed, price):
    assert PriceField().clean(typed) == Decimal(price)


@pytest.mark.parametrize("currency", ["EUR", "€", "US$", "Kč", "Std. Verr.", "रु"])
def test_a_currency_is_a_word_or_a_sign(currency):
    check_currency(currency)


def test_prices_are_made_and_shown(admin):
    assert admin.post(reverse("usage:create-prices"), TYPED | {"instance_hour": "1000"}).status_code == 303
    assert PriceList.objects.get().vcpu_hour == Decimal("0.015")
    page = text(admin.get(reverse("usage:prices")))
    assert [part in page for part in ("Holds now", ">0.0001<", ">1000<")] == [True] * 3


def test_days_that_are_over_keep_their_prices(admin, as_root):
    prices(as_root, MONDAY)
    for day, told in ((TODAY - ONE_DAY, "Days that are over keep their prices."), (MONDAY, "Days that are over")):
        answer = admin.post(reverse("usage:create-prices"), TYPED | {"valid_from": str(day)})
        assert told in answer.context["form"].errors["valid_from"][0]
    assert admin.post(reverse("usage:create-prices"), TYPED).status_code == 303
    twice = admin.post(reverse("usage:create-prices"), TYPED)
    assert "There is a price list from" in twice.context["form"].errors["valid_from"][0]


def test_only_what_does_not_hold_yet_is_deleted(admin, as_root):
    now, later = prices(as_root, TODAY), prices(as_root, TODAY + ONE_DAY)
    PriceList.objects.update(created_at=datetime.now(UTC) - timedelta(days=2))
    answer = admin.post(reverse("usage:delete-prices", args=[now.pk]))
    assert (answer.status_code, "It holds already" in text(answer)) == (422, True)
    assert admin.post(reverse("usage:delete-prices", args=[later.pk])).status_code == 303
    assert list(PriceList.objects.all()) == [now]
    assert admin.get(reverse("usage:delete-prices", args=[later.pk])).status_code == 404


def test_a_sum_is_not_rounded_before_its_end(reader, counted, lab, as_root):
    """Three parts of 0.004 are 0.01, not three times nothing."""
    for number in range(3):
        span(lab, day=MONDAY + number * ONE_DAY, end=3600, vcpus=1, ram_mib=0, disk_gib=0)
    prices(as_root, MONDAY, vcpu_hour=Decimal("0.004"))
    page = text(reader.get(of_lab()))
    assert ">0.01<" in page[page.index("<tfoot") :]


def test_what_is_summed_up_is_read_from_sums(reader, used):
    DayUse.objects.filter(flavor="small").update(vcpu_s=36000)
    assert reader.get(of_lab()).context["total"].use.vcpu_s == 36000


def test_today_counts_until_now(reader, counted, lab):
    began = datetime.now(UTC).timestamp() - 30
    one = span(lab, day=TODAY)
    Span.objects.filter(pk=one.pk).update(began_s=int(began), ended_s=None)
    used = reader.get(of_lab()).context["total"].use.instance_s
    assert 30 <= used <= 90


def test_what_was_mistyped_is_deleted_on_the_day_on_which_it_was_made(admin, as_root):
    now = prices(as_root, TODAY)
    address = reverse("usage:delete-prices", args=[now.pk])
    assert address in admin.get(reverse("usage:prices")).content.decode()
    assert admin.post(address).status_code == 303
    assert admin.post(reverse("usage:create-prices"), TYPED).status_code == 303
