"""The end of a tenant of which nothing is left: its rows go, its audit trail stays."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from dashboard.audit.record import append, entry_of
from dashboard.instances.models import Instance
from dashboard.live.publish import publish
from dashboard.operations.models import Batch, Operation
from dashboard.tenancy.models import Tenant

from . import left


class NotEmpty(Exception):
    """Something is left. `kinds` says of what how much, or names what else still points to the tenant."""

    def __init__(self, kinds: dict[str, int]) -> None:
        super().__init__(", ".join(kinds))
        self.kinds = kinds


@transaction.atomic
def remove(tenant: Tenant, **about: Any) -> None:
    """Quota, memberships, what was launched and done once. `about` is who does it, for the audit entry.

    The chain of the audit trail stays, with names as texts, and can still be proved; this is its last entry.
    Raises NotEmpty, Tenant.DoesNotExist when somebody was faster.
    """
    tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
    if kinds := left.counts(tenant):
        raise NotEmpty(kinds)
    members = list(tenant.memberships.order_by("user__username").values_list("user__username", flat=True))
    pk, slug = tenant.pk, tenant.slug
    said = {"slug": tenant.slug, "name": tenant.name, "description": tenant.description, "members": members}
    Operation.objects.for_tenant(tenant).delete()
    Batch.objects.filter(tenant=tenant).delete()
    Instance.objects.for_tenant(tenant).delete()
    try:
        tenant.delete()
    except ProtectedError as error:
        names = {str(row._meta.verbose_name_plural) for row in error.protected_objects}
        raise NotEmpty(dict.fromkeys(sorted(names), 1)) from error
    publish(None, "tenants", object_id=pk)
    append(
        [
            entry_of(
                "tenant.delete",
                tenant=str(pk),
                object_kind="tenant",
                object_id=pk,
                object_name=slug,
                outcome="done",
                before=said,
                **about,
            )
        ]
    )
