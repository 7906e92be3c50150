"""Taking from a quota and giving back, exactly, whoever else is doing the same.

`cloud_id` is the cloud on which the thing is; None for what is on none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from dashboard.audit.record import record
from dashboard.tenancy.access import SYSTEM
from dashboard.tenancy.models import Tenant

from .models import CloudQuota, Quota, Reservation, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """One resource of which there is not enough: in total, or on the cloud of that name."""

    resource: Resource
    wanted: int
    left: int
    cloud: str = ""

    @property
    def missing(self) -> int:
        return self.wanted - self.left


class QuotaExceeded(Exception):
    """The tenant's limit does not allow it; `shortages` names each resource."""

    def __init__(self, shortages: list[Shortage]) -> None:
        super().__init__(", ".join(f"{s.resource.value}: {s.wanted} wanted, {s.left} left" for s in shortages))
        self.shortages = shortages


NOTHING: Mapping[str, int] = MappingProxyType({})


def shortages(
    tenant: Tenant,
    amounts: Mapping[str, int],
    *,
    cloud_id: UUID | None = None,
    taken: Mapping[str, int] = NOTHING,
    taken_there: Mapping[str, int] = NOTHING,
) -> list[Shortage]:
    """What `reserve` would refuse now. Only `reserve` itself decides. `taken` is what it took before it was refused."""
    quotas = {quota.resource: quota for quota in Quota.objects.filter(tenant=tenant)}
    short = []
    for resource, wanted in sorted(amounts.items()):
        quota = quotas.get(resource)
        left = 0 if quota is None else quota.left_beside(taken.get(resource, 0))
        if left is not None and wanted > left:
            short.append(Shortage(resource=Resource(resource), wanted=wanted, left=left))
    return short + (shortages_there(tenant, amounts, cloud_id=cloud_id, taken=taken_there) if cloud_id else [])


def shortages_there(
    tenant: Tenant, amounts: Mapping[str, int], *, cloud_id: UUID, taken: Mapping[str, int]
) -> list[Shortage]:
    there = CloudQuota.objects.filter(tenant=tenant, cloud=cloud_id, resource__in=list(amounts))
    return [
        Shortage(resource=Resource(row.resource), wanted=amounts[row.resource], left=left, cloud=row.cloud.name)
        for row in there.select_related("cloud").order_by("resource")
        if amounts[row.resource] > (left := row.left_beside(taken.get(row.resource, 0)))
    ]


def reserve(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID, cloud_id: UUID | None = None) -> None:
    """Take all of `amounts` for `holder`, or nothing. See `reserve_all`."""
    reserve_all(tenant, {holder: amounts}, cloud_id=cloud_id)


def reserve_all(tenant: Tenant, amounts: Mapping[UUID, Mapping[str, int]], *, cloud_id: UUID | None = None) -> None:
    """Take for each holder all that it is to have on that cloud: everything for all of them, or nothing.

    One conditional UPDATE per resource, in name order so that two launches never wait for
    each other crosswise; zero rows means that it does not fit. No row: no quota, nothing
    allowed. What takes nothing of a resource is not refused for it. Call it first in the
    transaction that writes what the quota is for.
    Raises QuotaExceeded, after which the caller's transaction must not commit.
    """
    together = total(amounts.values())
    take(tenant, together, cloud_id=cloud_id)
    Reservation.objects.bulk_create(
        Reservation(tenant=tenant, cloud_id=cloud_id, resource=resource, amount=wanted, holder=holder)
        for holder, each in amounts.items()
        for resource, wanted in sorted(each.items())
    )


def take(tenant: Tenant, amounts: Mapping[str, int], *, cloud_id: UUID | None = None) -> None:
    """Count `amounts` as used, in name order: in total, then on the cloud.

    Raises QuotaExceeded, which names all of which there is too little.
    """
    wants = {resource: wanted for resource, wanted in sorted(amounts.items()) if wanted}
    taken: dict[str, int] = {}
    for resource, wanted in wants.items():
        fits = Q(limit=None) | Q(used__lte=F("limit") - wanted)
        if not Quota.objects.filter(fits, tenant=tenant, resource=resource).update(used=F("used") + wanted):
            short = shortages(tenant, amounts, cloud_id=cloud_id, taken=taken)
            raise QuotaExceeded(short or [Shortage(resource=Resource(resource), wanted=wanted, left=0)])
        taken[resource] = wanted
    there: dict[str, int] = {}
    for row in limited_on(tenant, wants, cloud_id=cloud_id):
        wanted = wants[row.resource]
        if not CloudQuota.objects.filter(pk=row.pk, used__lte=F("limit") - wanted).update(used=F("used") + wanted):
            short = shortages(tenant, amounts, cloud_id=cloud_id, taken=taken, taken_there=there)
            raise QuotaExceeded(short or [Shortage(resource=Resource(row.resource), wanted=wanted, left=0)])
        there[row.resource] = wanted


def limited_on(tenant: Tenant, resources: Iterable[str], *, cloud_id: UUID | None) -> list[CloudQuota]:
    """The limits of that cloud's own, in name order. The totals of `resources` are locked: there will be no others."""
    wanted = list(resources)
    if cloud_id is None or not wanted:
        return []
    return list(CloudQuota.objects.filter(tenant=tenant, cloud=cloud_id, resource__in=wanted).order_by("resource"))


def total(amounts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """All of them together: `{resource: amount}`."""
    together: Counter[str] = Counter()
    for each in amounts:
        together.update(each)
    return dict(together)


def grow(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID, cloud_id: UUID | None = None) -> None:
    """Let `holder` hold at least `amounts`, or raise QuotaExceeded; what it holds beyond stays. See `reserve`."""
    with transaction.atomic():
        lock(tenant, amounts)
        held = held_by(tenant, holder=holder)
        more = {name: wanted - held.get(name, 0) for name, wanted in amounts.items() if wanted > held.get(name, 0)}
        take(tenant, more, cloud_id=cloud_id)
        more = {name: held.get(name, 0) + missing for name, missing in more.items()}
        _note(tenant, more, holder=holder, cloud_id=cloud_id)


def lock(tenant: Tenant, resources: Iterable[str] | QuerySet) -> None:
    """The totals, in name order, before anybody looks at what a holder has: so it stays until it is written."""
    wanted = resources if isinstance(resources, QuerySet) else list(resources)
    list(Quota.objects.select_for_update().filter(tenant=tenant, resource__in=wanted).order_by("resource"))


def hold(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID, cloud_id: UUID | None = None) -> None:
    """Let `holder` hold exactly `amounts`, also above a limit: for what is there already, whatever we think of it.

    A tenant without a quota row for a resource gets one with the limit 0, which shows as over limit.
    """
    with transaction.atomic():
        for resource in sorted(amounts):
            Quota.objects.get_or_create(tenant=tenant, resource=resource, defaults={"limit": 0})
        lock(tenant, amounts)
        held = held_by(tenant, holder=holder)
        changed = {name: wanted for name, wanted in amounts.items() if wanted != held.get(name, 0)}
        change = {name: wanted - held.get(name, 0) for name, wanted in sorted(changed.items())}
        for resource, more in change.items():
            Quota.objects.filter(tenant=tenant, resource=resource).update(used=F("used") + more)
        count_there(tenant, change, cloud_id=cloud_id)
        _note(tenant, changed, holder=holder, cloud_id=cloud_id)


@transaction.atomic
def hold_all(tenant: Tenant, amounts: Mapping[UUID, Mapping[str, int]], *, cloud_id: UUID | None = None) -> None:
    """`hold` for many that hold nothing yet, in as many queries as for one."""
    together = total(amounts.values())
    for resource in sorted(together):
        Quota.objects.get_or_create(tenant=tenant, resource=resource, defaults={"limit": 0})
    lock(tenant, together)
    for resource, more in sorted(together.items()):
        Quota.objects.filter(tenant=tenant, resource=resource).update(used=F("used") + more)
    count_there(tenant, together, cloud_id=cloud_id)
    Reservation.objects.bulk_create(
        Reservation(tenant=tenant, cloud_id=cloud_id, resource=resource, amount=wanted, holder=holder)
        for holder, each in amounts.items()
        for resource, wanted in sorted(each.items())
        if wanted
    )


def count_there(tenant: Tenant, change: Mapping[str, int], *, cloud_id: UUID | None) -> None:
    """More or less used on the cloud, whatever its limit is; after the totals."""
    for row in limited_on(tenant, change, cloud_id=cloud_id):
        CloudQuota.objects.filter(pk=row.pk).update(used=F("used") + change[row.resource])


def held_by(tenant: Tenant, *, holder: UUID) -> dict[str, int]:
    """What `holder` holds now: `{resource: amount}`."""
    rows = Reservation.objects.filter(tenant=tenant, holder=holder, released_at=None)
    return dict(rows.values_list("resource", "amount"))


def _note(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID, cloud_id: UUID | None) -> None:
    for resource, amount in sorted(amounts.items()):
        Reservation.objects.update_or_create(
            tenant=tenant,
            holder=holder,
            resource=resource,
            released_at=None,
            defaults={"amount": amount},
            create_defaults={"amount": amount, "cloud_id": cloud_id},
        )


@transaction.atomic
def release(tenant: Tenant, *, holder: UUID) -> None:
    """Give back all that `holder` holds. Twice is harmless. Only when the cloud says that it is gone."""
    mine = Reservation.objects.filter(tenant=tenant, holder=holder, released_at=None)
    lock(tenant, mine.values("resource"))
    back: dict[UUID | None, dict[str, int]] = {}
    for reservation in mine.order_by("resource"):
        back.setdefault(reservation.cloud_id, {})[reservation.resource] = -reservation.amount
        Quota.objects.filter(tenant=tenant, resource=reservation.resource).update(used=F("used") - reservation.amount)
    for cloud_id, amounts in back.items():
        count_there(tenant, amounts, cloud_id=cloud_id)
    if back:
        mine.update(released_at=timezone.now())


# --- counters beside the ledger ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Differs:
    """One counter that is not what its ledger rows add up to."""

    row: Quota | CloudQuota
    ledger: int

    @property
    def name(self) -> str:
        """Which counter of its tenant it is."""
        return self.row.resource if isinstance(self.row, Quota) else f"{self.row.resource} on {self.row.cloud.name}"


def differing(tenant: Tenant | None = None) -> Iterator[Differs]:
    """Of one tenant or of all, in two queries. Each reads counter and ledger in one statement: at one moment."""
    held = Reservation.objects.filter(tenant=OuterRef("tenant"), resource=OuterRef("resource"), released_at=None)
    kept: list[tuple[QuerySet, QuerySet]] = [
        (Quota.objects.select_related("tenant"), held),
        (CloudQuota.objects.select_related("tenant", "cloud"), held.filter(cloud=OuterRef("cloud"))),
    ]
    for rows, ledger in kept:
        whose = Q(tenant=tenant) if tenant else Q()
        of_one = ledger.order_by().values("resource").annotate(total=Sum("amount")).values("total")
        summed = rows.filter(whose).annotate(ledger=Coalesce(Subquery(of_one), 0, output_field=BigIntegerField()))
        for row in summed.exclude(used=F("ledger")).order_by("tenant__slug", "resource"):
            yield Differs(row, row.ledger)


def drift(tenant: Tenant) -> dict[str, tuple[int, int]]:
    """Counters that differ from the ledger: `{name: (counter, ledger)}`. Must be empty."""
    return {one.name: (one.row.used, one.ledger) for one in differing(tenant)}


@transaction.atomic
def recount(tenant: Tenant) -> dict[str, tuple[int, int]]:
    """Set every counter to what the ledger says; returns the drift that was mended."""
    list(Quota.objects.select_for_update().filter(tenant=tenant).order_by("resource"))
    found = list(differing(tenant))
    mended = {one.name: (one.row.used, one.ledger) for one in found}
    for one in found:
        type(one.row).objects.filter(pk=one.row.pk).update(used=one.ledger)
    if mended:
        note_mended(tenant, mended)
    return mended


def note_mended(tenant: Tenant, mended: Mapping[str, tuple[int, int]]) -> None:
    record(
        "quota.recount",
        actor=SYSTEM,
        tenant=str(tenant.pk),
        object_kind="tenant",
        object_id=tenant.pk,
        object_name=tenant.name,
        outcome="done",
        before={resource: counter for resource, (counter, _ledger) in mended.items()},
        after={resource: ledger for resource, (_counter, ledger) in mended.items()},
    )
