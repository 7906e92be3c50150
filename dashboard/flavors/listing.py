"""The flavors of all clouds, and how many instances have each. Three queries, whatever there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count
from django.utils.translation import ngettext

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.instances.models import Flavor, Instance


@dataclass(slots=True, kw_only=True)
class Row:
    """One flavor; of a cloud's own that are given to single tenants one for all of them."""

    flavor: Flavor
    used: int = 0
    tenants: int = 0
    """To how many it is given; 0: everybody has it."""

    @property
    def why_not_deleted(self) -> str:
        return why_not_deleted(self.used)


@dataclass(slots=True, kw_only=True)
class OfCloud:
    cloud: Cloud
    rows: list[Row] = field(default_factory=list)

    @property
    def is_ours(self) -> bool:
        return self.cloud.can(Feature.FLAVOR_EDIT)

    @property
    def is_known(self) -> bool:
        """Whether it said already what it can do."""
        return bool(self.cloud.features)


def why_not_deleted(used: int) -> str:
    """Empty where it can be."""
    if not used:
        return ""
    told = ngettext("One instance uses it. Retire it instead.", "%(number)s instances use it. Retire it instead.", used)
    return told % {"number": used}


def used_by(flavor: Flavor) -> int:
    return Instance.objects.present().filter(flavor=flavor).count()


def of_clouds() -> list[OfCloud]:
    found = {cloud.pk: OfCloud(cloud=cloud) for cloud in Cloud.objects.filter(is_draft=False).order_by("name")}
    taken = Instance.objects.present().exclude(flavor=None).order_by().values_list("flavor").annotate(Count("pk"))
    used: dict[UUID, int] = dict(taken)
    for flavor in Flavor.objects.filter(cloud__in=found):
        if not flavor.is_gone or used.get(flavor.pk):
            add(found[flavor.cloud_id].rows, flavor, used=used.get(flavor.pk, 0))
    return list(found.values())


def add(rows: list[Row], flavor: Flavor, *, used: int) -> None:
    """They come in the order of their sizes, so what is given to several tenants stands side by side."""
    last = rows[-1] if rows else None
    if last and flavor.tenant_id and last.tenants and is_same(last.flavor, flavor):
        last.used, last.tenants = last.used + used, last.tenants + 1
    else:
        rows.append(Row(flavor=flavor, used=used, tenants=1 if flavor.tenant_id else 0))


def is_same(one: Flavor, another: Flavor) -> bool:
    parts: Iterable[str] = ("name", "remote_id", "is_gone", "vcpus", "ram_mib", "disk_gib")
    return all(getattr(one, part) == getattr(another, part) for part in parts)
