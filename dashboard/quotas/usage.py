"""A tenant's usage as the bars show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from dashboard.tenancy.models import Tenant

from .models import CloudQuota, Quota, Resource


@dataclass(frozen=True, slots=True)
class Usage:
    """One resource: `used` now, `after` what is being considered; `limit` None is unlimited."""

    resource: Resource
    used: int
    after: int
    limit: int | None
    cloud: str = ""
    """Of a limit on one cloud its name; empty in total."""

    @property
    def adds(self) -> int:
        return self.after - self.used

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.after > self.limit

    @property
    def is_tight(self) -> bool:
        """Nine tenths or more are taken."""
        return self.limit is not None and self.after * 10 >= self.limit * 9

    @property
    def missing(self) -> int:
        return max(0, self.after - (self.limit or 0))


COMPUTE = (Resource.INSTANCES, Resource.VCPUS, Resource.RAM_MIB, Resource.DISK_GIB)
NETWORK = (Resource.NETWORKS, Resource.ROUTERS, Resource.SECURITY_GROUPS, Resource.FLOATING_IPS)


def usage_of(
    tenant: Tenant,
    *,
    adding: Mapping[str, int] | None = None,
    only: Collection[Resource] = tuple(Resource),
    cloud_id: UUID | None = None,
) -> list[Usage]:
    """The resources of `only`, and those that are added to, in the order of the table, in one query.

    With a cloud the limits of its own come after those in total: one more query.

    Without a row nothing is allowed, and nothing is shown where nothing is added.
    """
    quotas = {quota.resource: quota for quota in Quota.objects.filter(tenant=tenant)}
    adds = adding or {}
    totals = [
        Usage(resource, quota.used, quota.used + adds.get(resource, 0), quota.limit)
        for resource in Resource
        if (quota := quotas.get(resource, Quota(limit=0) if adds.get(resource) else None)) is not None
        and (resource in only or adds.get(resource))
    ]
    return totals + (usage_there(tenant, cloud_id=cloud_id, adding=adds, only=only) if cloud_id else [])


def usage_there(
    tenant: Tenant, *, cloud_id: UUID, adding: Mapping[str, int], only: Collection[Resource]
) -> list[Usage]:
    """Of what the cloud has a limit of its own for the tenant, in the order of the table, in one query."""
    limited = CloudQuota.objects.filter(tenant=tenant, cloud=cloud_id).select_related("cloud")
    rows = {row.resource: row for row in limited}
    return [
        Usage(resource, row.used, row.used + adding.get(resource, 0), row.limit, row.cloud.name)
        for resource in Resource
        if (row := rows.get(resource)) is not None and (resource in only or adding.get(resource))
    ]
