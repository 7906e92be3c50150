"""The search: a page of its own, and the results in the dialog of every page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.accounts.models import User
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .find import ALL, EACH, KINDS, Scope, cleaned, find, page_url


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What this person may see, looked at from a tenant."""
    return found_page(request, scope_of(request, user=actor.user, role=actor.role, actor=actor))


@require_safe
@login_required
def everywhere(request: HttpRequest) -> HttpResponse:
    """From a page without a tenant: the tenants that the person may enter; everything for administrators."""
    user: User = request.user  # type: ignore[assignment]
    role = Role.ADMIN if user.is_admin else Role.READER
    if user.is_admin:
        request.role = role  # type: ignore[attr-defined]
    return found_page(request, scope_of(request, user=user, role=role, actor=None))


def scope_of(request: HttpRequest, *, user: User, role: Role, actor: Actor | None) -> Scope:
    most = ALL if request.GET.get("only") in KINDS else EACH
    tenant = actor.tenant if actor else None
    return Scope(user=user, role=role, tenant=tenant, q=cleaned(request.GET.get("q", "")), most=most)


def found_page(request: HttpRequest, scope: Scope) -> HttpResponse:
    only = request.GET.get("only", "")
    groups = find(scope, only=only if only in KINDS else "")
    context = {
        "groups": groups,
        "q": scope.q,
        "count": sum(len(group.results) for group in groups),
        "has_more": any(group.more for group in groups),
        "has_fields": scope.asked.has_fields,
        "problems": scope.asked.problems if scope.asked.has_fields else [],
        "url": page_url(scope.tenant),
        "is_one_kind": only in KINDS,
        "most": scope.most,
        "section": "search",
    }
    return page(request, "search/index.html", context, fragment="results")
