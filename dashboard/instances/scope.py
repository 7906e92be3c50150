"""Where an observation comes from, and whose rows it may touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dashboard.audit.models import Entry
from dashboard.audit.record import append, entry_of
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


def note(
    instance: Instance, verb: str, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> None:
    """Into the audit trail: something that we saw and did not do."""
    append([entry(instance, verb, before=before, after=after)])


def note_all(verb: str, seen: Iterable[tuple[Instance, Mapping[str, Any]]]) -> None:
    """The same of many of one tenant at once, each with what it is now."""
    append([entry(instance, verb, after=after) for instance, after in seen])


def entry(
    instance: Instance, verb: str, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> Entry:
    return entry_of(
        verb,
        actor="system",
        tenant=str(instance.tenant_id),
        object_kind="instance",
        object_id=instance.pk,
        object_name=instance.name,
        outcome="seen",
        before=before,
        after=after,
    )
