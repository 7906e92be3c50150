"""Where an observation comes from, and whose rows it may touch."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dashboard.audit.record import record
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .models import Instance, InstanceQuerySet

UNLINKED = "unlinked"
"""The failure of an instance whose place was unlinked: its row is closed, and it may well run on."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an observation comes from: one tenant's place on a cloud, or, without a tenant, the whole cloud."""

    cloud: Cloud
    tenant: Tenant | None = None

    def rows(self) -> InstanceQuerySet:
        """Those that are present. Another tenant's are never among those of a place."""
        present = Instance.objects.present().filter(cloud=self.cloud)
        return present if self.tenant is None else present.for_tenant(self.tenant)


def scope_of(instance: Instance) -> Scope:
    return Scope(instance.cloud, instance.tenant if instance.cloud.has_places else None)


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def note(instance: Instance, verb: str) -> None:
    """Into the audit trail: something that we saw and did not do."""
    record(
        verb,
        actor="system",
        tenant=str(instance.tenant_id),
        object_kind="instance",
        object_id=instance.pk,
        object_name=instance.name,
        outcome="seen",
    )
