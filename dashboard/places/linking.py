"""What is known of a place before it becomes a tenant's: from rows, and as a worker last read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.clouds.models import Cloud, CloudAccount, Fetched
from dashboard.quotas.models import Quota, Resource
from dashboard.tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Line:
    """One resource: what is in the place, its limit there, and the tenant's limit and use here. None is unlimited."""

    resource: Resource
    inside: int | None
    theirs: int | None
    ours: int | None
    used: int

    @property
    def is_over(self) -> bool:
        """With what comes in, the tenant has more than its quota."""
        return bool(self.inside) and self.ours is not None and self.used + (self.inside or 0) > self.ours


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a tenant may get. `read` is what a worker read of it, where one was asked."""

    id: str
    name: str
    domain: str
    made_for: Tenant | None
    """Whom Skydeck made it for once, where that is another tenant that is still here."""
    read: Fetched | None
    lines: tuple[Line, ...]

    @property
    def over(self) -> list[Line]:
        return [line for line in self.lines if line.is_over]

    @property
    def is_gone(self) -> bool:
        return self.read is not None and self.read.failure == "NotFound"

    @property
    def instances(self) -> int | None:
        """How many would appear; None as long as nobody knows."""
        return next((line.inside for line in self.lines if line.resource == Resource.INSTANCES), None)


def candidate(cloud: Cloud, tenant: Tenant, place_id: str) -> Candidate:
    """What is not in the list of the cloud's places any more is told with its id alone: a worker will say so."""
    listed = Fetched.objects.filter(cloud=cloud, what=Fetched.What.PLACES).first()
    items: list[dict[str, Any]] = listed.items if listed else []
    item = next((one for one in items if one["id"] == place_id), {})
    read = Fetched.objects.filter(cloud=cloud, what=Fetched.What.PLACE, about=place_id).first()
    return Candidate(
        id=place_id,
        name=item.get("name") or place_id,
        domain=item.get("domain", ""),
        made_for=made_for(item.get("mark", ""), tenant),
        read=read,
        lines=tuple(lines(read.items if read else (), Quota.objects.filter(tenant=tenant))),
    )


def made_for(mark: str, tenant: Tenant) -> Tenant | None:
    """The mark of a place is a tenant's id."""
    return next((other for other in Tenant.objects.exclude(pk=tenant.pk) if str(other.pk) == mark), None)


def lines(items: Iterable[Mapping[str, Any]], quotas: Iterable[Quota]) -> list[Line]:
    """In the order of the table. `items` are the fields of each `clouds.contents.Content`."""
    inside = {item["resource"]: item for item in items}
    ours = {quota.resource: quota for quota in quotas}
    return [
        Line(one, inside[one]["used"], inside[one]["limit"], ours[one].limit, ours[one].used)
        for one in Resource
        if one in inside and one in ours
    ]


def holder(cloud: Cloud, place_id: str, *, but: Tenant) -> Tenant | None:
    """Another tenant whose place it is."""
    taken = CloudAccount.objects.filter(cloud=cloud, remote_id=place_id).exclude(tenant=but).select_related("tenant")
    return next((account.tenant for account in taken), None)
