"""Names of what is measured, and numbers with their units."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .numbers import Number

LABELS = {
    "cpu": gettext_lazy("CPU"),
    "memory": gettext_lazy("Memory"),
    "disk_read": gettext_lazy("Read"),
    "disk_write": gettext_lazy("Written"),
    "net_rx": gettext_lazy("Received"),
    "net_tx": gettext_lazy("Sent"),
}
SPAN_LABELS = {
    "1h": gettext_lazy("Last hour"),
    "24h": gettext_lazy("24 hours"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
}
UNITS = ("B/s", "kB/s", "MB/s", "GB/s", "TB/s")


def with_unit(name: str, number: Number) -> str:
    """`number` is one of the kind `name`, as numbers.py has them."""
    if number is None:
        return "–"
    if name == "cpu":
        return _("%(percent)s %%") % {"percent": digits(number)}
    if name == "memory":
        return f"{digits(number / 1024)} GiB" if number >= 1023.5 else f"{number:.0f} MiB"
    power = 0
    while number >= 999.5 and power < len(UNITS) - 1:
        number, power = number / 1000, power + 1
    return f"{digits(number)} {UNITS[power]}"


def digits(number: float) -> str:
    """Two that matter below ten, whole numbers above."""
    return f"{number:.1f}".removesuffix(".0") if number < 9.95 else f"{number:.0f}"
