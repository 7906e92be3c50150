"""What use costs: exact fractions, rounded once, where they are shown.

A list of prices holds from its day on until the next one begins, so days that are over keep theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from .models import PriceList
from .reading import ONE_DAY, Days, Use

HOUR_S = 3600
MIB = 1024
Money = Mapping[str, Fraction]
"""Currency -> amount. Amounts of two currencies are never added up."""
EXACT = Context(prec=60)


def periods(days: Days, lists: Sequence[PriceList]) -> list[tuple[Days, PriceList | None]]:
    """The days, cut where prices change; None where there were none yet. `lists` in the order of their days."""
    found: list[tuple[Days, PriceList | None]] = []
    first, held = days.first, None
    for prices in lists:
        if first < prices.valid_from <= days.last:
            found.append((Days(first, prices.valid_from - ONE_DAY), held))
            first = prices.valid_from
        held = prices if prices.valid_from <= first else held
    return [*found, (Days(first, days.last), held)]


def cost(use: Use, prices: PriceList | None) -> Money:
    """Nothing at all where there were no prices, which is not the same as 0."""
    if prices is None:
        return {}
    amount = (
        use.instance_s * Fraction(prices.instance_hour)
        + use.vcpu_s * Fraction(prices.vcpu_hour)
        + use.ram_mib_s * Fraction(prices.ram_gib_hour) / MIB
        + use.disk_gib_s * Fraction(prices.disk_gib_hour)
    )
    return {prices.currency: amount / HOUR_S}


def added(one: Money, other: Money) -> Money:
    return {name: one.get(name, Fraction()) + other.get(name, Fraction()) for name in dict.fromkeys([*one, *other])}


def rounded(amount: Fraction | int, places: int = 2) -> Decimal:
    """Half to even, as banks do: the only place where anything is rounded."""
    scaled = amount * 10**places  # round() of a fraction is exact, and half to even
    return (
        EXACT.create_decimal(round(Fraction(scaled)))
        .scaleb(-places, EXACT)
        .quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=EXACT)
    )


def hours(seconds: int, places: int = 2) -> Decimal:
    return rounded(Fraction(seconds, HOUR_S), places)


def gib_hours(mib_seconds: int, places: int = 2) -> Decimal:
    return rounded(Fraction(mib_seconds, HOUR_S * MIB), places)
