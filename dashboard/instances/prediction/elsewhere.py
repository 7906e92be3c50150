"""The same launch on the tenant's other clouds: what carries over by its name, and what each of them could do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dashboard.clouds.standing import Standing
from dashboard.images.models import Image
from dashboard.quotas.models import CloudQuota

from ..models import Flavor
from .outlook import Knowledge, Outlook
from .wanted import Wanted, problems

Row = TypeVar("Row", Flavor, Image)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another cloud. `why_not` is a sentence where it could not do the same; see also its outlook."""

    outlook: Outlook
    why_not: str = ""

    @property
    def could(self) -> bool:
        return not self.why_not and not self.outlook.is_short and not self.outlook.standing.is_away


def elsewhere(wanted: Wanted, standings: Sequence[Standing], known: Knowledge) -> list[Elsewhere]:
    """All but the chosen one, those that could first. Three queries, and none for a tenant with one cloud."""
    others = [s for s in standings if s.pk != wanted.cloud.pk and not s.is_shut]
    if not others or wanted.flavor is None:
        return []
    clouds = [standing.pk for standing in others]
    flavors = by_cloud(Flavor.objects.usable().for_tenant(wanted.tenant).filter(name=wanted.flavor.name), clouds)
    name = wanted.image.name if wanted.image else ""
    images = by_cloud(Image.objects.usable().for_tenant(wanted.tenant).filter(name=name), clouds) if name else {}
    full = {
        row.cloud_id
        for row in CloudQuota.objects.filter(tenant=wanted.tenant, cloud__in=clouds)
        if is_short(row, wanted)
    }
    found = [
        there(wanted, s, known, flavor=flavors.get(s.pk), image=images.get(s.pk), is_full=s.pk in full) for s in others
    ]
    return sorted(found, key=lambda one: not one.could)


def is_short(row: CloudQuota, wanted: Wanted) -> bool:
    """The flavor there may differ in size; then only launching tells."""
    return wanted.takes.get(row.resource, 0) > row.left_beside(0)


def by_cloud(rows: QuerySet[Row], clouds: Sequence[UUID]) -> dict[UUID, Row]:
    return {row.cloud_id: row for row in rows.filter(cloud__in=clouds)}


def there(
    wanted: Wanted,
    standing: Standing,
    known: Knowledge,
    *,
    flavor: Flavor | None,
    image: Image | None,
    is_full: bool = False,
) -> Elsewhere:
    """Zones, networks and server groups are the other cloud's own, and are chosen there."""
    its_own: dict[str, Any] = {"zone": "", "networks": (), "policy": "", "server_group": ""}
    same = replace(wanted, cloud=standing.cloud, flavor=flavor, image=image, **its_own)
    outlook = known.outlook(standing, same)
    if flavor is None and wanted.flavor:
        why_not = _("The flavor %(name)s is not offered there.") % {"name": wanted.flavor.name}
    elif image is None and wanted.image:
        why_not = _("It has no image %(name)s.") % {"name": wanted.image.name}
    else:
        why_not = " ".join(problem.text for problem in problems(same))
    if is_full and not why_not:
        why_not = _("The tenant's limit on that cloud is too small for it.")
    return Elsewhere(outlook=outlook, why_not=why_not)
