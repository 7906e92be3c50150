"""Limits as a table in a file, out and in.

One line for each tenant, and one more for each cloud on which it has limits of its own. An empty cell leaves a limit
as it is. What a spreadsheet would take for a formula is written with an apostrophe before it, as OWASP advises.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .actions import Change, limits_of
from .limits import NONE, UNLIMITED, read_limit, show_limit
from .models import OF_CLOUDS, CloudQuota, Quota, Resource

LABELS = ("tenant", "cloud", "name")
LIMITS = tuple(resource.value for resource in Resource)
USED = tuple(f"{resource.value}_used" for resource in Resource)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_PROBLEMS = 100


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


# --- out -------------------------------------------------------------------------------


def write(tenants: Sequence[Tenant]) -> str:
    """With a mark of its encoding at the beginning, without which spreadsheets misread names."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([*LABELS, *LIMITS, *USED])
    table.writerows(rows(tenants))
    return "\ufeff" + out.getvalue()


def rows(tenants: Sequence[Tenant]) -> Iterator[list[str]]:
    totals: dict[UUID, dict[str, Quota]] = {tenant.pk: {} for tenant in tenants}
    for quota in Quota.objects.filter(tenant__in=tenants):
        totals[quota.tenant_id][quota.resource] = quota
    there: dict[UUID, dict[str, dict[str, CloudQuota]]] = {tenant.pk: {} for tenant in tenants}
    for one in CloudQuota.objects.filter(tenant__in=tenants).select_related("cloud").order_by("cloud__name"):
        there[one.tenant_id].setdefault(one.cloud.name, {})[one.resource] = one
    for tenant in tenants:
        yield row(tenant, "", totals[tenant.pk], word=UNLIMITED)
        for cloud, limits in there[tenant.pk].items():
            yield row(tenant, cloud, limits, word=NONE)


def row(tenant: Tenant, cloud: str, limits: Any, *, word: str) -> list[str]:
    """Empty where there is no limit to speak of."""
    labels = [guarded(text) for text in (tenant.slug, cloud, tenant.name)]
    known = [limits.get(resource) for resource in LIMITS]
    return [
        *labels,
        *(show_limit(one.limit, word=word) if one else "" for one in known),
        *(str(one.used) if one else "" for one in known),
    ]


# --- in --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line; 1 is the first."""

    line: int
    text: str


@dataclass(slots=True)
class Reading:
    """What a file asks for, and what is wrong with it. With a problem nothing of it counts."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, text: str) -> None:
        self.problems.append(Problem(line, text))


class NoText(Exception):
    """The message is the sentence for the user, about that line."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


def decoded(raw: bytes) -> str:
    """UTF-8, or UTF-16 with its mark. Raises NoText."""
    is_wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = raw.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        told = _("The file is not in UTF-8. Save it as “CSV UTF-8”.")
        raise NoText(raw[: error.start].count(b"\n") + 1, told) from error
    if "\0" in text:
        told = _("This is no text: it has a byte of zero. Save it as “CSV UTF-8”.")
        raise NoText(text[: text.index("\0")].count("\n") + 1, told)
    return text


def read(raw: bytes) -> Reading:
    """What would be changed by it, compared with what is so now. Five queries."""
    reading = Reading()
    try:
        text = decoded(raw)
    except NoText as error:
        reading.wrong(error.line, str(error))
        return reading
    first = text.splitlines()[0] if text.strip() else ""
    mark = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        header = [unguarded(cell.strip()).casefold() for cell in next(table, [])]
        if check_header(header, reading):
            Lines(header, reading).read(table)
    except csv.Error as error:
        reading.wrong(table.line_num, _("This is not CSV: %(why)s.") % {"why": error})
    return reading


def check_header(header: Sequence[str], reading: Reading) -> bool:
    if "tenant" not in header:
        reading.wrong(1, _("The first line must name the columns, and one of them must be “tenant”."))
        return False
    for name in dict.fromkeys(header):
        if header.count(name) > 1 and name:
            reading.wrong(1, _("There are two columns “%(name)s”.") % {"name": name})
        elif name and name not in (*LABELS, *LIMITS, *USED):
            known = ", ".join(LIMITS)
            told = _("There is no resource “%(name)s”. They are: %(known)s.")
            reading.wrong(1, told % {"name": name[:40], "known": known})
    if not set(header) & set(LIMITS):
        reading.wrong(1, _("There is no column with a limit."))
    return not reading.problems


class Lines:
    """Everything that a line is compared with, read once."""

    def __init__(self, header: Sequence[str], reading: Reading) -> None:
        self.header, self.reading = header, reading
        self.tenants = {tenant.slug: tenant for tenant in Tenant.objects.all()}
        self.clouds = {cloud.name: cloud for cloud in Cloud.objects.filter(is_draft=False)}
        self.now = limits_of([tenant.pk for tenant in self.tenants.values()])
        self.seen: dict[tuple[str, str], int] = {}

    def read(self, table: Any) -> None:
        for cells in table:
            if any(cell.strip() for cell in cells):
                self.read_line(table.line_num, cells)
            if len(self.reading.problems) >= MOST_PROBLEMS:
                self.reading.wrong(table.line_num, _("There may be more; reading ended here."))
                return

    def read_line(self, line: int, cells: Sequence[str]) -> None:
        if len(cells) > len(self.header):
            told = _("It has %(cells)s cells, and there are %(columns)s columns.")
            return self.reading.wrong(line, told % {"cells": len(cells), "columns": len(self.header)})
        values = {
            name: unguarded(cell.strip()) if name in LABELS else cell.strip()
            for name, cell in zip(self.header, cells, strict=False)
        }
        slug, cloud = values.get("tenant", ""), values.get("cloud", "")
        if slug not in self.tenants:
            told = _("There is no tenant “%(name)s”.") if slug else _("It names no tenant.")
            return self.reading.wrong(line, told % {"name": slug[:80]})
        if cloud and cloud not in self.clouds:
            return self.reading.wrong(line, _("There is no cloud “%(name)s”.") % {"name": cloud[:80]})
        if before := self.seen.get((slug, cloud)):
            told = _("It is about “%(name)s” once more: see line %(line)s.")
            return self.reading.wrong(line, told % {"name": slug, "line": before})
        self.seen[slug, cloud] = line
        return self.read_limits(line, values, self.tenants[slug], self.clouds.get(cloud))

    def read_limits(self, line: int, values: dict[str, str], tenant: Tenant, cloud: Cloud | None) -> None:
        for resource in LIMITS:
            typed = values.get(resource, "")
            if not typed:
                continue
            try:
                limit = self.limit_of(typed, resource, cloud)
            except ValidationError as error:
                self.reading.wrong(line, f"{resource}: {error.message}")
                continue
            key = (tenant.pk, cloud.pk if cloud else None, resource)
            was = self.now.get(key, None if cloud else 0)
            if was != limit:
                self.reading.changes.append(
                    Change(tenant_id=tenant.pk, cloud_id=key[1], resource=resource, was=was, limit=limit)
                )

    def limit_of(self, typed: str, resource: str, cloud: Cloud | None) -> int | None:
        """Raises ValidationError."""
        if cloud and resource not in OF_CLOUDS:
            raise ValidationError(_("This is on no cloud. Leave the cell empty."))
        is_number = typed.lstrip("-+").replace(".", "").isdecimal()
        if typed.startswith(("=", "@", "+", "'")) or (typed.startswith("-") and not is_number):
            told = _("“%(typed)s” is a formula. Type the number itself.")
            raise ValidationError(told % {"typed": typed[:40]})
        return read_limit(typed, word=NONE if cloud else UNLIMITED)
