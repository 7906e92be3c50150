"""Changing limits and plans. Each verb is one transaction: rows, audit, events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Sum
from django.utils.translation import gettext as _

from dashboard.audit.models import Entry
from dashboard.audit.record import append, entry_of, record
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish_all
from dashboard.tenancy.access import Actor, Administrator, System
from dashboard.tenancy.models import Tenant

from .models import CloudQuota, Plan, Quota, Reservation, TenantPlan
from .plans import NotPossible, key_of, taken

AT_ONCE = 500
By = Administrator | Actor | System
"""Who changes limits: an administrator, or who grants what was asked for, as quota_requests/ let them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One limit: what it was when somebody looked, and what it is to be.

    In total None is unlimited; on a cloud it is no limit of that cloud's own.
    """

    tenant_id: UUID
    resource: str
    was: int | None
    limit: int | None
    cloud_id: UUID | None = None

    @property
    def key(self) -> tuple[UUID, UUID | None, str]:
        return self.tenant_id, self.cloud_id, self.resource


class Meanwhile(Exception):
    """Somebody else changed some of them since they were looked at. `changes` are those, with what they are now."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__(f"{len(changes)} limits were changed meanwhile")
        self.changes = changes


@transaction.atomic
def change_limits(
    by: By,
    changes: Iterable[Change],
    *,
    plan: Plan | None = None,
    planned: Sequence[UUID] = (),
    reasons: Sequence[Entry] = (),
) -> int:
    """All of them, or none: raises Meanwhile where one is not what it was. Returns how many were changed.

    A limit may be lower than what is used: that is over limit then, and only refuses what comes.
    `planned` are the tenants that get `plan` with it; `reasons` stand in the audit trail before what is changed.
    """
    wanted = [change for change in changes if change.limit != change.was]
    asked = sorted(wanted, key=lambda change: (str(change.tenant_id), change.resource, str(change.cloud_id or "")))
    lock(asked)
    differing = compared(asked)
    write_totals([change for change in differing if change.cloud_id is None])
    for change in differing:
        if change.cloud_id is not None:
            write_there(change)
    entries = [*reasons, *entries_of_plan(by, plan, planned), *entries_of(by, differing)]
    tell({change.tenant_id for change in differing})
    note(entries)
    return len(differing)


def lock(changes: Sequence[Change]) -> None:
    """The totals, in the order in which everybody takes them. Who has no row for a resource gets one that allows 0."""
    wanted = {(change.tenant_id, change.resource) for change in changes}
    tenants = sorted({tenant for tenant, _resource in wanted}, key=str)
    resources = {resource for _tenant, resource in wanted}
    there: set[tuple[UUID, str]] = set()
    for some in chunks(tenants):
        rows = Quota.objects.select_for_update().filter(tenant__in=some, resource__in=resources)
        there |= set(rows.order_by("tenant", "resource").values_list("tenant_id", "resource"))
    Quota.objects.bulk_create(
        (Quota(tenant_id=tenant, resource=resource, limit=0) for tenant, resource in wanted - there),
        ignore_conflicts=True,
    )


def compared(changes: Sequence[Change]) -> list[Change]:
    """Those that are to be written: not what is so already. Raises Meanwhile. The rows are locked: so it stays."""
    now = limits_of({change.tenant_id for change in changes})
    differing = [change for change in changes if now.get(change.key) != change.limit]
    other = [replace(change, was=now.get(change.key)) for change in differing if now.get(change.key) != change.was]
    if other:
        raise Meanwhile(other)
    return differing


def limits_of(tenants: Iterable[UUID]) -> dict[tuple[UUID, UUID | None, str], int | None]:
    """Each limit that those tenants have, as `Change.key` names it. Where a total has no row it is not in there."""
    found: dict[tuple[UUID, UUID | None, str], int | None] = {}
    for some in chunks(sorted(tenants, key=str)):
        for tenant, resource, limit in Quota.objects.filter(tenant__in=some).values_list(
            "tenant_id", "resource", "limit"
        ):
            found[tenant, None, resource] = limit
        for tenant, cloud, resource, limit in CloudQuota.objects.filter(tenant__in=some).values_list(
            "tenant_id", "cloud_id", "resource", "limit"
        ):
            found[tenant, cloud, resource] = limit
    return found


def write_totals(changes: Sequence[Change]) -> None:
    """Those that become the same are one UPDATE."""
    alike: dict[tuple[str, int | None], list[UUID]] = defaultdict(list)
    for change in changes:
        alike[change.resource, change.limit].append(change.tenant_id)
    for (resource, limit), tenants in alike.items():
        for some in chunks(tenants):
            Quota.objects.filter(tenant__in=some, resource=resource).update(limit=limit)


def write_there(change: Change) -> None:
    """A limit on one cloud begins with what the ledger says is used there."""
    mine = {"tenant_id": change.tenant_id, "cloud_id": change.cloud_id, "resource": change.resource}
    if change.limit is None:
        CloudQuota.objects.filter(**mine).delete()
    elif not CloudQuota.objects.filter(**mine).update(limit=change.limit):
        held = Reservation.objects.filter(**mine, released_at=None).aggregate(total=Sum("amount"))["total"]
        CloudQuota.objects.create(**mine, limit=change.limit, used=held or 0)


def chunks(items: Iterable[UUID]) -> Iterable[list[UUID]]:
    every = list(items)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


# --- what is said of it ------------------------------------------------------------------


def names_of(by: By) -> dict[str, Any]:
    """For an entry: who did it, for whom, and from where."""
    if isinstance(by, Administrator):
        return {"actor": by.user.username, "address": by.address}
    via = by.via if isinstance(by, Actor) else ""
    return {"actor": by.name, "on_behalf_of": by.on_behalf_of, "via": via, "address": by.address}


def entries_of(by: By, changes: Sequence[Change]) -> list[Any]:
    """One entry for each limit, with what it was."""
    tenants = Tenant.objects.in_bulk({change.tenant_id for change in changes})
    clouds = Cloud.objects.in_bulk({change.cloud_id for change in changes if change.cloud_id})
    return [
        entry_of(
            "quota.change",
            **names_of(by),
            tenant=str(change.tenant_id),
            object_kind="quota",
            object_id=change.tenant_id,
            object_name=name_of(change, tenants, clouds),
            outcome="done",
            before={change.resource: change.was},
            after={change.resource: change.limit},
        )
        for change in changes
    ]


def name_of(change: Change, tenants: Mapping[UUID, Tenant], clouds: Mapping[UUID, Cloud]) -> str:
    where = f" on {clouds[change.cloud_id].name}" if change.cloud_id else ""
    return f"{change.resource} of {tenants[change.tenant_id].slug}{where}"[:255]


def entries_of_plan(by: By, plan: Plan | None, tenants: Sequence[UUID]) -> list[Any]:
    """Write which tenants have the plan now; one entry for each that had another."""
    if plan is None:
        return []
    had = {row.tenant_id: row.plan for row in TenantPlan.objects.select_related("plan").filter(tenant__in=tenants)}
    new = [tenant for tenant in sorted(tenants, key=str) if tenant not in had or had[tenant].pk != plan.pk]
    TenantPlan.objects.bulk_create(
        (TenantPlan(tenant_id=tenant, plan=plan) for tenant in new),
        update_conflicts=True,
        unique_fields=["tenant"],
        update_fields=["plan"],
    )
    return [
        entry_of(
            "plan.give",
            **names_of(by),
            tenant=str(tenant),
            object_kind="plan",
            object_id=plan.pk,
            object_name=plan.name,
            outcome="done",
            before={"plan": had[tenant].name if tenant in had else ""},
            after={"plan": plan.name},
        )
        for tenant in new
    ]


def note(entries: Iterable[Any]) -> None:
    """Each at the end of its tenant's chain, the chains in order: the last locks that are taken."""
    chains: dict[str, list[Any]] = defaultdict(list)
    for entry in entries:
        chains[entry.chain].append(entry)
    for _chain, those in sorted(chains.items()):
        append(those)


def tell(tenants: Iterable[UUID]) -> None:
    """Open pages that show the quota look again."""
    publish_all("instances", [(tenant, "") for tenant in sorted(tenants, key=str)])


# --- plans -------------------------------------------------------------------------------


def create_plan(
    administrator: Administrator, *, name: str, limits: Mapping[str, int | None], is_default: bool = False
) -> Plan:
    """Raises NotPossible where there is one of that name."""
    try:
        with transaction.atomic():
            if is_default:
                Plan.objects.filter(is_default=True).update(is_default=False)
            plan = Plan.objects.create(name=name, key=key_of(name), limits=dict(limits), is_default=is_default)
            note_plan(administrator, "plan.create", plan, after=said_of(plan))
    except IntegrityError as error:
        raise refused(name) from error
    return plan


class PlanChanged(Exception):
    """Somebody else saved the plan since it was looked at. `now` is what it is."""

    def __init__(self, now: Plan) -> None:
        super().__init__(str(now))
        self.now = now


def change_plan(
    administrator: Administrator,
    plan: Plan,
    *,
    version: int,
    name: str,
    limits: Mapping[str, int | None],
    is_default: bool = False,
) -> Plan:
    """Tenants that have it keep their limits. Raises PlanChanged, or NotPossible where another has that name."""
    try:
        with transaction.atomic():
            before = Plan.objects.select_for_update().get(pk=plan.pk)
            if before.version != version:
                raise PlanChanged(before)
            if is_default and not before.is_default:
                Plan.objects.filter(is_default=True).update(is_default=False)
            mine = Plan.objects.filter(pk=plan.pk, version=version)
            mine.update(name=name, key=key_of(name), limits=dict(limits), version=version + 1)
            if is_default:
                Plan.objects.filter(pk=plan.pk).update(is_default=True)
            after = Plan.objects.get(pk=plan.pk)
            note_plan(administrator, "plan.change", after, before=said_of(before), after=said_of(after))
    except IntegrityError as error:
        raise refused(name) from error
    return after


def refused(name: str) -> NotPossible:
    """Which of the two things that are there only once it was."""
    if there := Plan.objects.filter(key=key_of(name)).first():
        return taken(there.name)
    return NotPossible(_("Somebody else chose the plan of new tenants in this moment. Try again."))


@transaction.atomic
def delete_plan(administrator: Administrator, plan: Plan) -> None:
    """Raises NotPossible while new tenants get it, or some have it."""
    if Plan.objects.select_for_update().get(pk=plan.pk).is_default:
        raise NotPossible(_("New tenants get this plan. Let them get another one first."))
    try:
        Plan.objects.filter(pk=plan.pk).delete()
    except ProtectedError as error:
        raise NotPossible(_("There are tenants that have this plan. Give them another one first.")) from error
    note_plan(administrator, "plan.delete", plan, before=said_of(plan))


def said_of(plan: Plan) -> dict[str, Any]:
    return {"name": plan.name, "is_default": plan.is_default, **plan.limits}


def note_plan(administrator: Administrator, verb: str, plan: Plan, **changed: Mapping[str, Any]) -> None:
    record(
        verb,
        actor=administrator.user.username,
        address=administrator.address,
        tenant="",
        object_kind="plan",
        object_id=plan.pk,
        object_name=plan.name,
        outcome="done",
        before=changed.get("before"),
        after=changed.get("after"),
    )
