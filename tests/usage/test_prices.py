"""Prices, and what the days cost by them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from dashboard.usage import actions
from dashboard.usage.models import DayUse, PriceList, Span
from dashboard.usage.price_forms import PriceField, check_currency
from dashboard.usage.reading import ONE_DAY

from .conftest import MONDAY, PRICES, TODAY, cells, of_lab, span, text


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
