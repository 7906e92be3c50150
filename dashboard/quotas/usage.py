"""A tenant's usage as the bars show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dashboard.tenancy.models import Tenant

from .models import Quota, Resource


@dataclass(frozen=True, slots=True)
class Usage:
    """One resource: `used` now, `after` what is being considered; `limit` None is unlimited."""

    resource: Resource
    used: int
    after: int
    limit: int | None

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
    tenant: Tenant, *, adding: Mapping[str, int] | None = None, only: Collection[Resource] = tuple(Resource)
) -> list[Usage]:
    """The resources of `only`, and those that are added to, in the order of the table, in one query."""
    quotas = {quota.resource: quota for quota in Quota.objects.filter(tenant=tenant)}
    return [
        Usage(resource, quota.used, quota.used + (adding or {}).get(resource, 0), quota.limit)
        for resource in Resource
        if (quota := quotas.get(resource)) is not None and (resource in only or (adding or {}).get(resource))
    ]
