"""What the pages of requests show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from dashboard.accounts.models import User
from dashboard.quotas import actions as quotas
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Membership, Role, Tenant

from .models import UNDECIDED, CarriedLaunch, QuotaRequest, QuotaRequestQuerySet, Wish

A_PAGE = 25


def with_all(requests: QuotaRequestQuerySet) -> QuotaRequestQuerySet:
    """What a row shows, in two more queries."""
    return requests.select_related("tenant", "carried").prefetch_related(
        Prefetch("wishes", Wish.objects.select_related("cloud"))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """So many requests, and the numbers of the pages beside it; 0 where there is none. Nobody counts all of them."""

    object_list: Sequence[QuotaRequest]
    previous: int
    following: int


def page_of(requests: QuotaRequestQuerySet, number: str) -> Page:
    """Two queries. What is no number is the first page."""
    page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    start = (page - 1) * A_PAGE
    rows = list(with_all(requests.in_order())[start : start + A_PAGE + 1])
    return Page(object_list=rows[:A_PAGE], previous=page - 1, following=page + 1 if len(rows) > A_PAGE else 0)


def decidable_by(user: User) -> QuotaRequestQuerySet | None:
    """Those of all tenants for an administrator, of theirs for managers; None for everybody else. Part of one query."""
    if user.is_admin:
        return QuotaRequest.objects.all()
    managed = Membership.objects.filter(user=user, role=Role.MANAGER)
    if not user.is_active or not managed.exists():
        return None
    return QuotaRequest.objects.filter(tenant__in=managed.values("tenant"))


def narrowed(requests: QuotaRequestQuerySet, *, show: str, q: str) -> QuotaRequestQuerySet:
    """`show`: what is decided, or else what is not. `q` is looked for in who asked, which tenant, and why."""
    found = requests.exclude(state__in=UNDECIDED) if show == "decided" else requests.undecided()
    if q:
        words = Q(requested_by_name__icontains=q) | Q(tenant__name__icontains=q) | Q(tenant__slug__icontains=q)
        found = found.filter(words | Q(reason__icontains=q))
    return found


def waiting_for(user: User, *, tenant: Tenant | None = None) -> int | None:
    """How many wait for a decision of this person; None where they decide nothing. Two queries at most."""
    mine = decidable_by(user)
    if mine is None:
        return None
    mine = mine.filter(tenant=tenant) if tenant else mine
    undecided = mine.undecided()
    return undecided.count() if user.is_admin else undecided.exclude(requested_by=user).count()


def limits_now(request: QuotaRequest, wishes: Sequence[Wish]) -> dict[int, int | None]:
    """`{wish's pk: the limit as it is}`. Two queries."""
    now = quotas.limits_of([request.tenant_id])
    missing = {wish.pk: 0 if wish.cloud_id is None else None for wish in wishes}
    return {wish.pk: now.get((request.tenant_id, wish.cloud_id, wish.resource), missing[wish.pk]) for wish in wishes}


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What the viewer may do with a request, or why not."""

    withdraw: bool
    take_back: bool
    launch: bool

    @classmethod
    def of(cls, actor: Actor, request: QuotaRequest) -> May:
        launch: CarriedLaunch | None = getattr(request, "carried", None)
        is_own = request.requested_by_id == actor.user.pk
        return cls(
            withdraw=request.is_undecided and actor.may(Role.MEMBER) and (is_own or actor.may(Role.MANAGER)),
            take_back=launch is not None
            and launch.is_wanted
            and launch.user_id == actor.user.pk
            and actor.may(Role.MEMBER),
            launch=launch is not None
            and launch.state == CarriedLaunch.State.FAILED
            and launch.user_id == actor.user.pk
            and actor.may(Role.MEMBER)
            and bool(launch.sealed),
        )
