"""The four charts of an instance, each with its words and the table behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.interface import Status
from dashboard.instances.models import Instance

from .reading import Line, Series
from .words import LABELS, with_unit

Text = str | Promise

CHARTS: dict[str, tuple[Text, tuple[str, ...]]] = {
    "cpu": (_("CPU"), ("cpu",)),
    "memory": (_("Memory"), ("memory",)),
    "disk": (_("Disk"), ("disk_read", "disk_write")),
    "network": (_("Network"), ("net_rx", "net_tx")),
}
SILENCE: dict[str, Text] = {
    "cpu": _("The cloud %(cloud)s does not tell how busy this instance is."),
    "memory": _("The cloud %(cloud)s does not tell how much of its memory this instance uses."),
    "disk": _("The cloud %(cloud)s does not tell what this instance reads and writes."),
    "network": _("The cloud %(cloud)s does not tell what this instance receives and sends."),
}
ROWS = {60: timedelta(minutes=5), 300: timedelta(hours=1), 1800: timedelta(hours=6), 7200: timedelta(days=1)}
"""What a row of the table tells of, by the seconds of a slot: 12 to 31 rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One line of a chart: `name` is of numbers.py, `now` its newest number, the others those of the whole span."""

    name: str
    label: Text
    now: str
    average: str
    highest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    begins: datetime
    label: str
    cells: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    name: str
    label: Text
    keys: list[Key]
    rows: list[Row]
    silence: str
    """What to say where the cloud tells nothing of it; else empty."""
    whole: str
    """What there is of it, where that is known."""
    most: float | None
    """The upper end of its axis; None where that follows the numbers."""


def charts_of(instance: Instance, series: Series) -> list[Chart]:
    return [chart(instance, series, name) for name in CHARTS]


def chart(instance: Instance, series: Series, name: str) -> Chart:
    label, kinds = CHARTS[name]
    known = [kind for kind in kinds if series.lines[kind].is_known]
    most = {"cpu": 100.0, "memory": float(instance.ram_mib)}.get(name)
    return Chart(
        name=name,
        label=label,
        keys=[key(series, kind, is_running=instance.status == Status.ACTIVE) for kind in known],
        rows=list(rows(series, known)) if known else [],
        silence="" if known else str(SILENCE[name]) % {"cloud": instance.cloud.name},
        whole=with_unit(name, most) if name == "memory" else "",
        most=most,
    )


def key(series: Series, kind: str, *, is_running: bool) -> Key:
    average, highest = series.lines[kind].part(0, len(series.lines[kind].average))
    return Key(
        name=kind,
        label=LABELS[kind],
        now=with_unit(kind, series.last[kind] if is_running else None),
        average=with_unit(kind, average),
        highest=with_unit(kind, highest),
    )


def rows(series: Series, kinds: list[str]) -> Iterator[Row]:
    """The newest first. Spans in which nothing was measured are left out."""
    span = ROWS[series.step_s]
    lines = [series.lines[kind] for kind in kinds]
    count = len(lines[0].average)
    begun = [begin_of(series.begins + timedelta(seconds=series.step_s) * slot, span) for slot in range(count)]
    for begins, slots in groupby(reversed(range(count)), key=begun.__getitem__):
        inside = list(slots)
        cells = list(cells_of(lines, kinds, start=inside[-1], end=inside[0] + 1))
        if any(cell != "–" for cell in cells):
            yield Row(begins=begins, label=date_format(begins, "M j" if span.days else "M j, H:i"), cells=cells)


def begin_of(moment: datetime, span: timedelta) -> datetime:
    """Of the row that the moment is in, by the viewer's clock."""
    local = timezone.localtime(moment)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    naive = local.replace(tzinfo=None) - midnight.replace(tzinfo=None)
    return (midnight.replace(tzinfo=None) + naive // span * span).replace(tzinfo=local.tzinfo)


def cells_of(lines: list[Line], kinds: list[str], *, start: int, end: int) -> Iterator[str]:
    for line, kind in zip(lines, kinds, strict=True):
        average, highest = line.part(start, end)
        yield with_unit(kind, average)
        yield with_unit(kind, highest)


def drawn(series: Series, charts: list[Chart]) -> dict[str, Any]:
    """What static/metrics/charts.js draws."""
    return {
        "begins": int(series.begins.timestamp()),
        "step": series.step_s,
        "charts": {
            chart.name: {
                "most": chart.most,
                "lines": [line_of(series.lines[key.name], peaks=series.has_peaks) for key in chart.keys],
            }
            for chart in charts
            if chart.keys
        },
    }


def line_of(line: Line, *, peaks: bool) -> dict[str, list[float | None]]:
    told = {"average": short(line.average)}
    return told | {"highest": short(line.highest)} if peaks else told


def short(numbers: Any) -> list[float | None]:
    """Three digits: more cannot be seen."""
    return [None if number is None else float(f"{number:.3g}") for number in numbers]
