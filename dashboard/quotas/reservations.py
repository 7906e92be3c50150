"""Taking from a quota and giving back, exactly, whoever else is doing the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from dashboard.tenancy.models import Tenant

from .models import Quota, Reservation, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """One resource of which there is not enough. `left` is None where the tenant has no quota row at all."""

    resource: Resource
    wanted: int
    left: int

    @property
    def missing(self) -> int:
        return self.wanted - self.left


class QuotaExceeded(Exception):
    """The tenant's limit does not allow it; `shortages` names each resource."""

    def __init__(self, shortages: list[Shortage]) -> None:
        super().__init__(", ".join(f"{s.resource.value}: {s.wanted} wanted, {s.left} left" for s in shortages))
        self.shortages = shortages


def shortages(tenant: Tenant, amounts: Mapping[str, int]) -> list[Shortage]:
    """What `reserve` would refuse now. For forms; only `reserve` itself decides."""
    quotas = {quota.resource: quota for quota in Quota.objects.filter(tenant=tenant)}
    short = []
    for resource, wanted in sorted(amounts.items()):
        quota = quotas.get(resource)
        left = 0 if quota is None else quota.left
        if left is not None and wanted > left:
            short.append(Shortage(resource=Resource(resource), wanted=wanted, left=left))
    return short


def reserve(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID) -> None:
    """Take all of `amounts` for `holder`, or nothing.

    One conditional UPDATE per resource, in name order so that two launches never wait for
    each other crosswise; zero rows means that it does not fit. No row: no quota, nothing
    allowed. Call it first in the transaction that writes what the quota is for.
    Raises QuotaExceeded, after which the caller's transaction must not commit.
    """
    for resource, wanted in sorted(amounts.items()):
        fits = Q(limit=None) | Q(used__lte=F("limit") - wanted)
        taken = Quota.objects.filter(fits, tenant=tenant, resource=resource).update(used=F("used") + wanted)
        if not taken:
            raise QuotaExceeded(
                shortages(tenant, amounts) or [Shortage(resource=Resource(resource), wanted=wanted, left=0)]
            )
    Reservation.objects.bulk_create(
        Reservation(tenant=tenant, resource=resource, amount=wanted, holder=holder)
        for resource, wanted in sorted(amounts.items())
    )


def grow(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID) -> None:
    """Let `holder` hold at least `amounts`, or raise QuotaExceeded; what it holds beyond stays. See `reserve`."""
    held = held_by(tenant, holder=holder)
    more = {name: wanted - held.get(name, 0) for name, wanted in amounts.items() if wanted > held.get(name, 0)}
    for resource, missing in sorted(more.items()):
        fits = Q(limit=None) | Q(used__lte=F("limit") - missing)
        if not Quota.objects.filter(fits, tenant=tenant, resource=resource).update(used=F("used") + missing):
            raise QuotaExceeded(
                shortages(tenant, more) or [Shortage(resource=Resource(resource), wanted=missing, left=0)]
            )
    _note(tenant, {name: held.get(name, 0) + missing for name, missing in more.items()}, holder=holder)


def hold(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID) -> None:
    """Let `holder` hold exactly `amounts`, also above a limit: for what is there already, whatever we think of it.

    A tenant without a quota row for a resource gets one with the limit 0, which shows as over limit.
    """
    with transaction.atomic():
        for resource in sorted(amounts):
            Quota.objects.get_or_create(tenant=tenant, resource=resource, defaults={"limit": 0})
        list(Quota.objects.select_for_update().filter(tenant=tenant, resource__in=amounts).order_by("resource"))
        held = held_by(tenant, holder=holder)
        for resource, wanted in sorted(amounts.items()):
            if change := wanted - held.get(resource, 0):
                Quota.objects.filter(tenant=tenant, resource=resource).update(used=F("used") + change)
        _note(tenant, {n: wanted for n, wanted in amounts.items() if wanted != held.get(n, 0)}, holder=holder)


def held_by(tenant: Tenant, *, holder: UUID) -> dict[str, int]:
    """What `holder` holds now: `{resource: amount}`."""
    rows = Reservation.objects.filter(tenant=tenant, holder=holder, released_at=None)
    return dict(rows.values_list("resource", "amount"))


def _note(tenant: Tenant, amounts: Mapping[str, int], *, holder: UUID) -> None:
    for resource, amount in sorted(amounts.items()):
        Reservation.objects.update_or_create(
            tenant=tenant, holder=holder, resource=resource, released_at=None, defaults={"amount": amount}
        )


def release(tenant: Tenant, *, holder: UUID) -> None:
    """Give back all that `holder` holds. Twice is harmless. Only when the cloud says that it is gone."""
    held = list(Reservation.objects.filter(tenant=tenant, holder=holder, released_at=None).order_by("resource"))
    for reservation in held:
        mine = Reservation.objects.filter(pk=reservation.pk, released_at=None).update(released_at=timezone.now())
        if mine:
            Quota.objects.filter(tenant=tenant, resource=reservation.resource).update(
                used=F("used") - reservation.amount
            )


def drift(tenant: Tenant) -> dict[str, tuple[int, int]]:
    """Resources whose counter differs from the ledger: `{resource: (counter, ledger)}`. Must be empty."""
    ledger = dict(
        Reservation.objects.filter(tenant=tenant, released_at=None)
        .order_by()
        .values_list("resource")
        .annotate(total=Sum("amount"))
    )
    quotas = Quota.objects.filter(tenant=tenant).order_by("resource")
    return {q.resource: (q.used, ledger.get(q.resource, 0)) for q in quotas if q.used != ledger.get(q.resource, 0)}


@transaction.atomic
def recount(tenant: Tenant) -> dict[str, tuple[int, int]]:
    """Set every counter to what the ledger says; returns the drift that was mended."""
    list(Quota.objects.select_for_update().filter(tenant=tenant).order_by("resource"))
    mended = drift(tenant)
    for resource, (_counter, ledger) in mended.items():
        Quota.objects.filter(tenant=tenant, resource=resource).update(used=ledger)
    return mended
