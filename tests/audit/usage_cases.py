"""What administrators change of prices, as cases of test_every_change.py."""

from datetime import date
from decimal import Decimal

from dashboard.tenancy.access import Administrator
from dashboard.usage.actions import PRICES, create

from .world import Case

DAY = date(2099, 1, 1)


def make(_world):
    typed = dict.fromkeys(PRICES, "0.05") | {"valid_from": str(DAY), "currency": "EUR"}
    return Case("usage:create-prices", [("price-list.create", str(DAY))], [], typed, by="root")


def delete(world):
    costs = dict.fromkeys(PRICES, Decimal(1))
    administrator = Administrator(user=world.people["root"])
    prices = create(administrator, valid_from=DAY, currency="EUR", prices=costs, today=DAY)
    return Case("usage:delete-prices", [("price-list.delete", str(DAY))], [prices.pk], by="root")


CASES = {"usage:create-prices": make, "usage:delete-prices": delete}
