"""What would be changed, carried through the page that shows it: what is confirmed is what was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing

from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .actions import Change, limits_of
from .models import CloudQuota, Plan, Quota, Resource

SALT = "quotas.preview"
LASTS_S = 24 * 3600
SHOWN = 500


class Broken(Exception):
    """It is none of ours, or too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`planned` are the tenants that get `plan`."""

    changes: Sequence[Change]
    plan: Plan | None = None
    planned: Sequence[UUID] = ()

    @property
    def token(self) -> str:
        changes = [
            [str(c.tenant_id), str(c.cloud_id) if c.cloud_id else None, c.resource, c.was, c.limit]
            for c in self.changes
        ]
        plan = str(self.plan.pk) if self.plan else None
        return signing.dumps([changes, plan, [str(pk) for pk in self.planned]], salt=SALT, compress=True)

    @property
    def lines(self) -> list[Line]:
        """The first of them, as they are shown. Four queries."""
        return lines_of(self.changes[:SHOWN])

    @property
    def hidden(self) -> int:
        """How many there are beyond those."""
        return max(0, len(self.changes) - SHOWN)

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    tenant: Tenant
    cloud: Cloud | None
    resource: Resource
    was: int | None
    limit: int | None
    used: int

    @property
    def word(self) -> str:
        """What None means here."""
        return "none" if self.cloud else "unlimited"

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.used > self.limit


def read(token: str) -> Preview:
    """Raises Broken."""
    try:
        changes, plan, planned = signing.loads(token, salt=SALT, max_age=LASTS_S)
    except signing.BadSignature as error:
        raise Broken from error
    found = Plan.objects.filter(pk=plan).first() if plan else None
    if plan and found is None:
        raise Broken
    return Preview(
        changes=[
            Change(tenant_id=UUID(t), cloud_id=UUID(c) if c else None, resource=resource, was=was, limit=limit)
            for t, c, resource, was, limit in changes
        ],
        plan=found,
        planned=[UUID(pk) for pk in planned],
    )


def of_tenants(tenants: Sequence[Tenant], limits: Mapping[str, int | None], *, plan: Plan | None = None) -> Preview:
    """The same limits for all of them: only what differs."""
    now = limits_of([tenant.pk for tenant in tenants])
    changes = [
        Change(tenant_id=tenant.pk, resource=resource, was=now.get((tenant.pk, None, resource), 0), limit=limit)
        for tenant in tenants
        for resource, limit in limits.items()
    ]
    planned = [tenant.pk for tenant in tenants] if plan else []
    return Preview(changes=[c for c in changes if c.was != c.limit], plan=plan, planned=planned)


def lines_of(changes: Sequence[Change]) -> list[Line]:
    ids = {change.tenant_id for change in changes}
    tenants = Tenant.objects.in_bulk(ids)
    clouds = Cloud.objects.in_bulk({change.cloud_id for change in changes if change.cloud_id})
    used: dict[Any, int] = {
        (row.tenant_id, None, row.resource): row.used for row in Quota.objects.filter(tenant__in=ids)
    }
    used |= {(row.tenant_id, row.cloud_id, row.resource): row.used for row in CloudQuota.objects.filter(tenant__in=ids)}
    return [
        Line(
            tenant=tenants[change.tenant_id],
            cloud=clouds.get(change.cloud_id),
            resource=Resource(change.resource),
            was=change.was,
            limit=change.limit,
            used=used.get(change.key, 0),
        )
        for change in changes
        if change.tenant_id in tenants
    ]
