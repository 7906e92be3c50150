"""Orders of the list, and its pages by key: a page begins behind a row, not at a number.

So a page neither skips nor repeats a row when others come and go, also when that row itself is gone, and the
thousandth costs what the first does. A cursor holds what the order compares, of the row at the page's edge.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Expression, F, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy

from .models import Instance, InstanceQuerySet
from .verbs import Text

DEFAULT = "age"
LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Something that rows are compared by. `read` makes a value of a cursor's, or raises ValueError."""

    expression: Expression | F
    read: Callable[[Any], Any]


def text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1000 or "\0" in value:
        raise ValueError
    return value


def number(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError
    return value


def moment(value: Any) -> datetime:
    found = datetime.fromisoformat(text(value))
    if timezone.is_naive(found):
        raise ValueError
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """`is_down`: it begins with the largest. The id decides between equals, so that no two rows are alike."""

    label: Text
    keys: tuple[Key, ...]
    is_down: bool = False

    def turned(self) -> Sort:
        return Sort(label=self.label, keys=self.keys, is_down=not self.is_down)


def by_text(label: Text, expression: Expression | F) -> Sort:
    return Sort(label=label, keys=(Key(expression=expression, read=text),))


def or_empty(expression: Expression) -> Coalesce:
    return Coalesce(expression, Value(""), output_field=TextField())


SORTS: dict[str, Sort] = {
    "name": by_text(gettext_lazy("Name"), Lower("name")),
    "status": by_text(gettext_lazy("Status"), F("status")),
    "age": Sort(label=gettext_lazy("Age"), keys=(Key(expression=F("created_at"), read=moment),), is_down=True),
    "image": by_text(gettext_lazy("Image"), or_empty(Lower("image__name"))),
    "flavor": by_text(gettext_lazy("Flavor"), or_empty(Lower("flavor__name"))),
    "cloud": by_text(gettext_lazy("Cloud"), F("cloud__name")),
    "size": Sort(
        label=gettext_lazy("Size"),
        keys=tuple(Key(expression=F(name), read=number) for name in ("vcpus", "ram_mib", "disk_gib")),
    ),
    "address": by_text(gettext_lazy("Address"), or_empty(KeyTextTransform("0", "addresses"))),
    "tenant": by_text(gettext_lazy("Tenant"), F("tenant__slug")),
}


def sort_of(name: str) -> tuple[str, Sort]:
    """The name as the URL has it, and the order: with a minus the other way round. The default for nonsense."""
    if name.removeprefix("-") not in SORTS or name.startswith("--"):
        name = DEFAULT
    sort = SORTS[name.removeprefix("-")]
    return name, sort.turned() if name.startswith("-") else sort


# --- cursors --------------------------------------------------------------------


def cursor_of(instance: Instance, sort: Sort) -> str:
    values = [getattr(instance, f"key_{number}") for number in range(len(sort.keys))]
    data = json.dumps([*values, instance.pk.hex], default=lambda value: value.isoformat(), separators=(",", ":"))
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def read_cursor(cursor: str, sort: Sort) -> list[Any] | None:
    """The values, our id last; None for a cursor of another order, and for nonsense."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor[:4000] + "=" * (-len(cursor[:4000]) % 4)))
        if not isinstance(values, list) or len(values) != len(sort.keys) + 1:
            return None
        read = [key.read(value) for key, value in zip(sort.keys, values, strict=False)]
        return [*read, UUID(hex=text(values[-1]))]
    except (ValueError, binascii.Error, RecursionError):
        return None


def behind(values: Sequence[Any], sort: Sort, *, is_down: bool) -> Q:
    """Those that come after these values. The first comparison alone says the same less exactly: an index can do it."""
    way = "lt" if is_down else "gt"
    names = [*(f"key_{number}" for number in range(len(sort.keys))), "id"]
    found = Q()
    for name, value in reversed(list(zip(names, values, strict=True))):
        found = Q(**{f"{name}__{way}": value}) | (Q(**{name: value}) & found if found else Q())
    return Q(**{f"{names[0]}__{way}e": values[0]}) & found


# --- pages ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPage:
    """Some rows; `before` and `after` are the cursors of its neighbours, empty where there is none."""

    instances: list[Instance]
    before: str
    after: str


def ordered(queryset: InstanceQuerySet, sort: Sort, *, is_down: bool) -> InstanceQuerySet:
    names = [f"key_{number}" for number in range(len(sort.keys))]
    queryset = queryset.annotate(**dict(zip(names, (key.expression for key in sort.keys), strict=True)))
    return queryset.order_by(*(f"-{name}" if is_down else name for name in [*names, "id"]))


def page_of(
    queryset: InstanceQuerySet,
    sort: Sort,
    *,
    size: int,
    after: str = "",
    before: str = "",
    show: Callable[[InstanceQuerySet], InstanceQuerySet] = lambda rows: rows,
) -> KeyPage:
    """One query; two where a page backwards turns out to be the first, which is shown whole.

    `show` adds what rows show: to those of the page only, so that the rest is compared and sorted without.
    """
    values = read_cursor(after or before, sort) if after or before else None
    is_back = bool(before and not after and values)
    is_down = sort.is_down != is_back
    rows = ordered(queryset, sort, is_down=is_down)
    if values:
        rows = rows.filter(behind(values, sort, is_down=is_down))
    of_page = show(Instance.objects.filter(pk__in=rows.values("pk")[: size + 1]))
    found = list(ordered(of_page, sort, is_down=is_down))
    if is_back and len(found) < size:
        return page_of(queryset, sort, size=size, show=show)
    has_more, found = len(found) > size, found[:size]
    if is_back:
        found.reverse()
    has_before = has_more if is_back else bool(values)
    has_after = bool(found) and (is_back or has_more)
    return KeyPage(
        instances=found,
        before=cursor_of(found[0], sort) if has_before and found else "",
        after=cursor_of(found[-1], sort) if has_after else "",
    )
