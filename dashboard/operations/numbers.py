"""Numbers that a cloud's refusal for its limits did not say, from what we know."""

from __future__ import annotations

from dashboard.clouds.models import CloudAccount

from .failures import Told
from .models import Operation


def with_numbers(told: Told, operation: Operation) -> dict[str, str]:
    """The values, with the project's limits as last read where none were said, and `ours`: the tenant's quota here."""
    resource = told.values.get("resource", "")
    if not resource:
        return told.values
    return {**limits_read(operation, resource), **our_limit(operation, resource), **told.values}


def limits_read(operation: Operation, resource: str) -> dict[str, str]:
    account = CloudAccount.objects.filter(cloud=operation.cloud, tenant=operation.tenant).first()
    known = account.limits.get(resource, {}) if account else {}
    return {name: str(known[name]) for name in ("limit", "used") if known.get(name) is not None}


def our_limit(operation: Operation, resource: str) -> dict[str, str]:
    """Through the tenant's rows: quotas stand beside operations, and neither imports the other."""
    quota = operation.tenant.quotas.filter(resource=resource).first()
    return {"ours": str(quota.limit)} if quota and quota.limit is not None else {}
