"""Our limits beside those of a cloud itself. What somebody changed there by hand shows as drift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.clouds.models import CloudAccount
from dashboard.tenancy.models import Tenant

from .models import Quota, Resource


@dataclass(frozen=True, slots=True)
class Compared:
    """One resource: our limit, the cloud's, and what the cloud says is used there. None is unlimited."""

    resource: Resource
    ours: int | None
    theirs: int | None
    used: int | None

    @property
    def is_drift(self) -> bool:
        return self.ours != self.theirs

    @property
    def is_lower(self) -> bool:
        """The cloud allows less than we do: it may refuse what we promised."""
        return self.theirs is not None and (self.ours is None or self.theirs < self.ours)


def compared(quotas: Iterable[Quota], limits: Mapping[str, Mapping[str, Any]]) -> list[Compared]:
    """What both sides have a limit of, in the order of the table. `limits` are those of a CloudAccount."""
    ours = {quota.resource: quota.limit for quota in quotas}
    return [
        Compared(resource, ours[resource], limits[resource]["limit"], limits[resource]["used"])
        for resource in Resource
        if resource in ours and resource in limits
    ]


def lower_on_clouds(tenant: Tenant) -> list[tuple[CloudAccount, Compared]]:
    """Where a cloud's own limit is lower than ours, in two queries."""
    accounts = CloudAccount.objects.filter(tenant=tenant).exclude(limits={}).select_related("cloud")
    quotas = list(Quota.objects.filter(tenant=tenant))
    return [(account, one) for account in accounts for one in compared(quotas, account.limits) if one.is_lower]
