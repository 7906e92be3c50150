"""Which tenants a person may enter: found by a text, those first that were entered lately in this browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.accounts.models import User

from .models import Membership, Role, Tenant

COOKIE = "recent"
KEPT = 5
A_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Found:
    """A tenant that may be entered, and as what."""

    tenant: Tenant
    role: Role
    is_recent: bool = False


def enterable(user: User, *, q: str = "") -> QuerySet[Any]:
    """Every word of `q` is in the name or the short name, in any order; each with `held`, the person's role there."""
    tenants: QuerySet[Any] = Tenant.objects.all()
    if user.is_admin:
        tenants = tenants.annotate(held=Value(Role.ADMIN.value))
    else:
        mine = Membership.objects.filter(user=user, tenant=OuterRef("pk"))
        tenants = tenants.filter(memberships__user=user).annotate(held=Subquery(mine.values("role")[:1]))
    for word in q.split():
        tenants = tenants.filter(Q(name__icontains=word) | Q(slug__icontains=word))
    return tenants.order_by(Lower("name"), "slug")


def first_of(user: User, *, q: str, recent: Sequence[UUID], most: int) -> list[Found]:
    """In one query: those of `recent`, the last one first, then those that have `q` as it was typed, then by name."""
    places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(recent)]
    rank = Case(*places, default=Value(KEPT), output_field=IntegerField()) if places else Value(KEPT)
    as_typed = Case(When(Q(name__icontains=q) | Q(slug__icontains=q), then=Value(0)), default=Value(1))
    rows = enterable(user, q=q).annotate(rank=rank).order_by("rank", as_typed, Lower("name"), "slug")[:most]
    return [Found(row, Role(row.held), row.rank < KEPT) for row in rows]


# --- what was entered lately --------------------------------------------------------------


def recent_of(request: HttpRequest) -> list[UUID]:
    """By the browser's cookie, which holds ids: they say nothing to whoever else uses the browser."""
    found = []
    for text in request.COOKIES.get(COOKIE, "")[:400].split(".")[:KEPT]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def remember(request: HttpRequest, response: HttpResponseBase, tenant: Tenant) -> None:
    """A page of the tenant was opened, and not only a part of one."""
    if request.method != "GET" or request.htmx or response.status_code != 200:  # type: ignore[attr-defined]
        return
    recent = recent_of(request)
    if recent[:1] == [tenant.pk]:
        return
    kept = [tenant.pk, *(pk for pk in recent if pk != tenant.pk)][:KEPT]
    text = ".".join(pk.hex for pk in kept)
    response.set_cookie(COOKIE, text, max_age=A_YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure())
