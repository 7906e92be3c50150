"""Whose entries they are: the tenant's names, also where it was deleted since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from dashboard.audit.gone import deletions, gone_tenants
from dashboard.audit.models import Entry
from dashboard.instances.filter_fields import Scope, holds
from dashboard.tenancy.models import Tenant

MOST_NAMED = 500
"""Tenants that one part of a name finds, of those that are there and of those that were deleted."""


@dataclass(frozen=True, slots=True)
class Named:
    """A tenant as pages and files call it. `there` is None once it was deleted."""

    slug: str
    name: str
    there: Tenant | None = None

    def __str__(self) -> str:
        return self.name if self.there else _("%(name)s (deleted)") % {"name": self.name}


def named(tenant: Tenant) -> Named:
    return Named(tenant.slug, tenant.name, tenant)


def tenants_of(entries: Iterable[Entry]) -> dict[str, Named]:
    """By the ids as entries keep them, in two queries at most; who is not known at all is not among them."""
    wanted = {entry.tenant for entry in entries if entry.tenant}
    there = {str(tenant.pk): named(tenant) for tenant in Tenant.objects.filter(pk__in=wanted)} if wanted else {}
    gone = {pk: Named(one.slug, one.name) for pk, one in gone_tenants(wanted - set(there)).items()}
    return there | gone


def ids_of(value: str, scope: Scope) -> list[str]:
    """Of those whose short or long name it is, or a part of it."""
    there = Tenant.objects.filter(holds("slug")(value, scope) | holds("name")(value, scope)).order_by()
    wanted: Q = holds("object_name")(value, scope) | holds("before__name")(value, scope)
    gone = deletions().filter(wanted).order_by("-at", "-id").values_list("object_id", flat=True)
    return [*(str(pk) for pk in there.values_list("pk", flat=True)[:MOST_NAMED]), *gone[:MOST_NAMED]]
