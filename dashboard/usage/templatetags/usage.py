"""Hours and money on pages: rounded here, and only here."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

from dashboard.usage import prices
from dashboard.usage.statement import Line

register = template.Library()


@register.filter
def hours(seconds: int) -> str:
    return number_format(prices.hours(seconds), decimal_pos=2, force_grouping=True)


@register.filter
def gib_hours(mib_seconds: int) -> str:
    return number_format(prices.gib_hours(mib_seconds), decimal_pos=2, force_grouping=True)


@register.filter
def cost(line: Line, currency: str) -> str:
    """In that currency; a dash where no prices held."""
    amount = line.money.get(currency)
    return "–" if amount is None else number_format(prices.rounded(amount), decimal_pos=2, force_grouping=True)
