"""Tags and filters for every page: icons, ages, sizes. A builtin of all templates."""

from __future__ import annotations

from datetime import datetime, timedelta
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
def icon(name: str, label: str = "") -> SafeString:
    """One of the icons of static/icons.svg; without a label it is decoration."""
    sprite = static("icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)


def words(span: timedelta) -> str:
    """A length of time in one unit, such as `3 min`. Never negative: clocks differ a little."""
    seconds = max(0, int(span.total_seconds()))
    steps = (
        (60, 1, pgettext("seconds", "s")),
        (3600, 60, pgettext("minutes", "min")),
        (86400, 3600, pgettext("hours", "h")),
        (7 * 86400, 86400, pgettext("days", "d")),
        (60 * 86400, 7 * 86400, pgettext("weeks", "wk")),
        (730 * 86400, 30 * 86400, pgettext("months", "mo")),
    )
    for below, unit, name in steps:
        if seconds < below:
            return f"{seconds // unit} {name}"
    return f"{seconds // (365 * 86400)} {pgettext('years', 'y')}"


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """How long ago, with the exact time in the viewer's zone as the tooltip."""
    if moment is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
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
    return f"{value} GiB" if resource == "disk_gib" else str(value)


@register.filter
def of(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key)
