"""Plans: limits under a name, and what a tenant begins with."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from dashboard.tenancy.models import Tenant

from .models import DEFAULT_LIMITS, Plan, Quota, Resource, TenantPlan


class NotPossible(Exception):
    """The message is the sentence for the user. `field` is the one that it is about."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


def key_of(name: str) -> str:
    """Two names that look alike are one: without regard to case, width and how accents are written."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def begin(tenant: Tenant, *, plan: Plan | None = None) -> None:
    """The plan's limits, else those of the default one, for a tenant that has none yet. In the caller's transaction."""
    plan = plan or Plan.objects.filter(is_default=True).first()
    limits = {resource: plan.limit_of(resource) if plan else DEFAULT_LIMITS[resource] for resource in Resource}
    Quota.objects.bulk_create(Quota(tenant=tenant, resource=name, limit=limit) for name, limit in limits.items())
    if plan:
        TenantPlan.objects.create(tenant=tenant, plan=plan)


def taken(name: str) -> NotPossible:
    """`name` is that of the plan which is there."""
    return NotPossible(_("There is a plan “%(name)s” already. Choose another name.") % {"name": name}, field="name")
