"""What administrators do with tenants. Each verb is one transaction: rows, audit, events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.audit.record import append, entry_of
from dashboard.live.publish import publish
from dashboard.quotas import plans
from dashboard.quotas.models import Plan
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Membership, Role, Tenant

from .models import Emptying
from .slugs import taken


class Taken(Exception):
    """Another tenant has the short name; the message is for the user."""


class Changed(Exception):
    """Somebody else changed the tenant since it was looked at. `now` is what it is."""

    def __init__(self, now: Tenant) -> None:
        super().__init__(str(now))
        self.now = now


def create(
    administrator: Administrator,
    *,
    name: str,
    slug: str,
    description: str = "",
    plan: Plan | None = None,
    manager: User | None = None,
) -> Tenant:
    """With the limits of the plan, the default one where none is given. Raises Taken."""
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(name=name, slug=slug, description=description)
            plans.begin(tenant, plan=plan)
            said = {"slug": slug, "name": name, "description": description, "plan": plan.name if plan else ""}
            entries = [entry(administrator, "tenant.create", tenant, after=said)]
            if manager is not None:
                Membership.objects.create(user=manager, tenant=tenant, role=Role.MANAGER)
                entries.append(manager_entry(administrator, tenant, manager))
            publish(None, "tenants", object_id=tenant.pk)
            append(entries)
    except IntegrityError as error:
        if not Tenant.objects.filter(slug=slug).exists():
            raise
        raise Taken(taken(slug)) from error
    return tenant


@transaction.atomic
def change(administrator: Administrator, pk: UUID, *, was: Mapping[str, str], name: str, description: str) -> Tenant:
    """`was` are both as the form showed them. Raises Changed, Tenant.DoesNotExist."""
    before = Tenant.objects.select_for_update().get(pk=pk)
    wanted = {"name": name, "description": description}
    if differing(before, wanted) and differing(before, was):
        raise Changed(before)
    if differing(before, wanted):
        Tenant.objects.filter(pk=pk).update(**wanted)
        write(administrator, "tenant.change", before, before={n: getattr(before, n) for n in wanted}, after=wanted)
    before.name, before.description = name, description
    return before


def differing(tenant: Tenant, fields: Mapping[str, str]) -> bool:
    return any(getattr(tenant, name) != value for name, value in fields.items())


@transaction.atomic
def disable(administrator: Administrator, pk: UUID, *, reason: str) -> bool:
    """Its members may look from now on, and change nothing. Whether it was this call that did so."""
    by = administrator.user.username
    mine = Tenant.objects.filter(pk=pk, disabled_at=None)
    if not mine.update(disabled_at=timezone.now(), disabled_reason=reason, disabled_by=by):
        return False
    write(administrator, "tenant.disable", Tenant.objects.get(pk=pk), after={"reason": reason})
    return True


@transaction.atomic
def enable(administrator: Administrator, pk: UUID) -> bool:
    """As usual again. Whether it was this call that did so; not while it is being emptied."""
    tenant = Tenant.objects.select_for_update().get(pk=pk)
    running = Emptying.objects.filter(state=Emptying.State.RUNNING).values("tenant")
    mine = Tenant.objects.filter(pk=pk, disabled_at__isnull=False).exclude(pk__in=running.filter(tenant=pk))
    if not mine.update(disabled_at=None, disabled_reason="", disabled_by=""):
        return False
    write(administrator, "tenant.enable", tenant, before={"reason": tenant.disabled_reason})
    return True


# --- what is said of it ------------------------------------------------------------------


def write(administrator: Administrator, verb: str, tenant: Tenant, **changed: Mapping[str, Any]) -> None:
    """Tell open pages, and the audit trail. The last of the caller's transaction."""
    publish(None, "tenants", object_id=tenant.pk)
    publish(tenant.pk, "tenant")
    append([entry(administrator, verb, tenant, **changed)])


def entry(administrator: Administrator, verb: str, tenant: Tenant, **changed: Mapping[str, Any]) -> Any:
    return entry_of(
        verb,
        actor=administrator.user.username,
        address=administrator.address,
        tenant=str(tenant.pk),
        object_kind="tenant",
        object_id=tenant.pk,
        object_name=tenant.slug,
        outcome="done",
        before=changed.get("before"),
        after=changed.get("after"),
    )


def manager_entry(administrator: Administrator, tenant: Tenant, manager: User) -> Any:
    return entry_of(
        "membership.add",
        actor=administrator.user.username,
        address=administrator.address,
        tenant=str(tenant.pk),
        object_kind="user",
        object_id=manager.pk,
        object_name=manager.username,
        outcome="done",
        after={"role": Role.MANAGER},
    )
