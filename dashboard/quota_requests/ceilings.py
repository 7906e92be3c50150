"""Up to where a tenant's managers may approve: so much over the limits of its plan, as administrators let them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from dashboard.quotas.models import DEFAULT_LIMITS, Plan, Resource
from dashboard.tenancy.models import Tenant
from dashboard.ui.templatetags.ui import amount

from .models import Rules, Wish

Ceilings = Mapping[str, int | None]
"""`{resource: limit}`; None is unlimited."""


def ceilings_of(tenant: Tenant) -> Ceilings:
    """Empty where managers may approve nothing. Without a plan that of new tenants counts. Three queries at most."""
    rules = Rules.objects.first()
    if rules is None or not rules.managers_percent:
        return {}
    plan = Plan.objects.filter(given__tenant=tenant).first() or Plan.objects.filter(is_default=True).first()
    planned = {resource: plan.limit_of(resource) if plan else DEFAULT_LIMITS[resource] for resource in Resource}
    percent = rules.managers_percent
    return {
        resource.value: None if limit is None else limit + limit * percent // 100 for resource, limit in planned.items()
    }


def over_ceiling(wish: Wish, granted: int | None, ceilings: Ceilings) -> str:
    """Why a manager may not give so much of it; empty where they may."""
    if wish.cloud_id or wish.resource not in ceilings:
        return _("Only administrators may approve this. Endorse it, so that they see it first.")
    most = ceilings[wish.resource]
    if most is None or (granted is not None and granted <= most):
        return ""
    told = _("Managers may approve up to %(most)s. Give at most that, or endorse it, so that an administrator decides.")
    return told % {"most": amount(most, wish.resource)}
