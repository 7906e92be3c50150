"""The columns of the list, as data: another is a line here and a part of templates/instances/cells.html.

Name, status and the actions are always there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import F
from django.utils.translation import gettext_lazy

from .verbs import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`sort` is one of sorting.SORTS; `needs` are annotations that only it wants."""

    label: Text
    sort: str = ""
    needs: Mapping[str, F] = field(default_factory=dict)
    for_admins: bool = False
    over_all: bool = False
    """Only in the list of all tenants."""


COLUMNS: dict[str, Column] = {
    "tenant": Column(label=gettext_lazy("Tenant"), sort="tenant", for_admins=True, over_all=True),
    "address": Column(label=gettext_lazy("Addresses"), sort="address"),
    "image": Column(label=gettext_lazy("Image"), sort="image"),
    "flavor": Column(label=gettext_lazy("Flavor"), sort="flavor"),
    "size": Column(label=gettext_lazy("Size"), sort="size"),
    "cloud": Column(label=gettext_lazy("Cloud"), sort="cloud"),
    "zone": Column(label=gettext_lazy("Zone")),
    "host": Column(label=gettext_lazy("Host"), for_admins=True),
    "tags": Column(label=gettext_lazy("Tags")),
    "description": Column(label=gettext_lazy("Description")),
    "owner": Column(label=gettext_lazy("Launched by"), needs={"owner_name": F("created_by__username")}),
    "age": Column(label=gettext_lazy("Age"), sort="age"),
    "id": Column(label=gettext_lazy("Id")),
}
ALWAYS: dict[str, Column] = {
    "name": Column(label=gettext_lazy("Name"), sort="name"),
    "status": Column(label=gettext_lazy("Status"), sort="status"),
}
USUAL = ("tenant", "address", "image", "flavor", "cloud", "age")


def possible(*, is_admin: bool, over_all: bool) -> list[str]:
    return [
        name
        for name, column in COLUMNS.items()
        if (is_admin or not column.for_admins) and (over_all or not column.over_all)
    ]


def chosen(names: Iterable[str], *, is_admin: bool, over_all: bool) -> tuple[str, ...]:
    """Those of `names` that there are, in the order of the table; the usual ones where none is named."""
    wanted = set(names) - {""} or set(USUAL)
    there = possible(is_admin=is_admin, over_all=over_all)
    return tuple(name for name in there if name in wanted)
