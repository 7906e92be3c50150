"""Tags and filters for every page: icons, ages, sizes. A builtin of all templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil, floor
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)  # a page of fifty rows has five hundred of them
def icon(name: str, label: str = "") -> SafeString:
    """One of the icons of static/icons.svg; without a label it is decoration."""
    sprite = static("icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)


@register.simple_tag
def usage_bar(usage: Any) -> SafeString:
    """A bar of `used`, and of `after` behind it, against `limit` (quotas/usage.py). The words stand beside it.

    Widths are SVG attributes: the Content-Security-Policy allows no inline style.
    """
    whole = max(usage.limit or 0, usage.after, 1)
    used, after = (0 if usage.limit is None else round(100 * n / whole, 1) for n in (usage.used, usage.after))
    return format_html(
        '<svg class="meter {}" aria-hidden="true"><rect class="adds" width="{}%" height="100%"/>'
        '<rect class="used" width="{}%" height="100%"/></svg>',
        "over" if usage.is_over else "tight" if usage.is_tight else "",
        after,
        used,
    )


@register.simple_tag
def share_bar(used: int, whole: int) -> SafeString:
    """A bar of `used` against `whole`; more than the whole is full and red."""
    share = min(100.0, round(100 * used / whole, 1)) if whole else 0
    return format_html(
        '<svg class="meter {}" aria-hidden="true"><rect class="used" width="{}%" height="100%"/></svg>',
        "over" if used > whole else "tight" if whole and used * 10 >= whole * 9 else "",
        share,
    )


@register.simple_tag
def usual_bar(step: Any) -> SafeString:
    """How far a step is, by how long it `usual`ly takes and how long it `took` until now. Never quite full."""
    share = 0.0 if not step.usual else min(0.95, step.took / step.usual)
    return format_html(
        '<svg class="meter usual" aria-hidden="true"><rect class="used" width="{}%" height="100%"/></svg>',
        round(100 * share),
    )


def units() -> tuple[str, ...]:
    return units_in(get_language())


@lru_cache
def units_in(_language: str | None) -> tuple[str, ...]:
    """Looked up once, since a page of rows has an age in each."""
    return (
        pgettext("seconds", "s"),
        pgettext("minutes", "min"),
        pgettext("hours", "h"),
        pgettext("days", "d"),
        pgettext("weeks", "wk"),
        pgettext("months", "mo"),
        pgettext("years", "y"),
    )


@register.simple_tag
def age_units() -> str:
    """The words for static/ui/ages.js, which lets ages go on while a page is open."""
    return " ".join(units())


_STEPS = (  # below how many seconds, in which unit
    (60, 1),
    (3600, 60),
    (86400, 3600),
    (7 * 86400, 86400),
    (60 * 86400, 7 * 86400),
    (730 * 86400, 30 * 86400),
)


def words(span: timedelta) -> str:
    """A length of time in one unit, such as `3 min`. Never negative: clocks differ a little."""
    seconds = max(0, int(span.total_seconds()))
    for (below, unit), name in zip(_STEPS, units(), strict=False):
        if seconds < below:
            return f"{seconds // unit} {name}"
    return f"{seconds // (365 * 86400)} {units()[-1]}"


_AHEAD = (  # up to how many seconds, in which unit
    (120, 1),
    (2 * 3600, 60),
    (2 * 86400, 3600),
)


def ahead(span: timedelta, *, rounded: Callable[[float], int] = floor) -> str:
    """A length of time that lies ahead, in one unit and rounded down: it promises no more than there is."""
    seconds = max(0, ceil(span.total_seconds()))
    for (most, unit), name in zip(_AHEAD, units(), strict=False):
        if seconds <= most and (unit > 1 or seconds % 60 or not seconds):
            return f"{rounded(seconds / unit)} {name}"
    return f"{rounded(seconds / 86400)} {units()[3]}"


CLOSE = timedelta(minutes=5)


def left(span: timedelta) -> str:
    """What a countdown shows: `4:59` in its last five minutes, before that in one unit and rounded up."""
    seconds = max(0, ceil(span.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}" if seconds < CLOSE.total_seconds() else ahead(span, rounded=ceil)


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """How long ago, with the exact time in the viewer's zone as the tooltip."""
    if moment is None:
        return "–"
    return format_html(
        '<time data-age datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        exact(moment),
        words(timezone.now() - moment),
    )


@register.filter
def until(moment: datetime | None) -> SafeString | str:
    """How long it is until then, counted down by the page, with the exact time in the viewer's zone as the tooltip."""
    if moment is None:
        return "–"
    return format_html(
        '<time data-until datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        exact(moment),
        left(moment - timezone.now()),
    )


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """The exact time in the viewer's zone, with the age beside it."""
    if value is None:
        return "–"
    return format_html(
        '<time datetime="{}">{}</time> <span class="dim">{}</span>',
        value.isoformat(),
        exact(value),
        _("%(age)s ago") % {"age": words(timezone.now() - value)},
    )


@register.filter
def exact(value: datetime) -> str:
    """The exact time in the viewer's zone, as plain text: for a tooltip."""
    return date_format(timezone.localtime(value), "Y-m-d H:i:s T")


@register.filter
def clock(value: datetime | None) -> SafeString | str:
    """The time of day in the viewer's zone, with the date as the tooltip."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    exact, short = date_format(local, "Y-m-d H:i:s T"), date_format(local, "H:i:s")
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, short)


@register.filter
def duration(span: timedelta | None) -> str:
    """How long something took: tenths of a second below ten seconds."""
    if span is None:
        return "–"
    if span < timedelta(seconds=10):
        return f"{max(0.0, span.total_seconds()):.1f} {pgettext('seconds', 's')}"
    return words(span)


@register.filter
def mib(amount: int | None) -> str:
    """MiB, as GiB from 1 GiB on: `512 MiB`, `1.5 GiB`, `8,486.2 GiB`."""
    if amount is None:
        return "–"
    if abs(amount) < 1024:
        return f"{amount} MiB"
    return f"{amount / 1024:,.1f}".removesuffix(".0") + " GiB"


@register.filter
def vcpus(number: int) -> str:
    return ngettext("%(count)s vCPU", "%(count)s vCPUs", number) % {"count": f"{number:,}"}


@register.filter
def amount(value: int | None, resource: str) -> str:
    """An amount of a quota's resource with its unit: `20`, `1,024 GiB`."""
    if value is None:
        return _("unlimited")
    if resource == "ram_mib":
        return mib(value)
    return f"{value:,} GiB" if resource.endswith("_gib") else f"{value:,}"


@register.filter
def unrounded(value: int, resource: str) -> str:
    """The same, never rounded: `1,126 MiB`, where `amount` says 1.1 GiB. For limits that change."""
    if resource == "ram_mib" and value * 10 % 1024 and value >= 1024:
        return f"{value:,} MiB"
    return amount(value, resource)


@register.filter
def of(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key)
