"""Tags and filters for every page: icons, ages, sizes. A builtin of all templates."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

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


def units() -> tuple[str, ...]:
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


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """How long ago, with the exact time in the viewer's zone as the tooltip."""
    if moment is None:
        return "–"
    return format_html(
        '<time data-age datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        date_format(timezone.localtime(moment), "Y-m-d H:i:s T"),
        words(timezone.now() - moment),
    )


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """The exact time in the viewer's zone, with the age beside it."""
    if value is None:
        return "–"
    return format_html(
        '<time datetime="{}">{}</time> <span class="dim">{}</span>',
        value.isoformat(),
        date_format(timezone.localtime(value), "Y-m-d H:i:s T"),
        _("%(age)s ago") % {"age": words(timezone.now() - value)},
    )


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
    """MiB, as GiB from 1 GiB on: `512 MiB`, `1.5 GiB`."""
    if amount is None:
        return "–"
    if abs(amount) < 1024:
        return f"{amount} MiB"
    return f"{amount / 1024:.1f}".removesuffix(".0") + " GiB"


@register.filter
def amount(value: int | None, resource: str) -> str:
    """An amount of a quota's resource with its unit."""
    if value is None:
        return _("unlimited")
    if resource == "ram_mib":
        return mib(value)
    return f"{value} GiB" if resource.endswith("_gib") else str(value)


@register.filter
def of(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key)
