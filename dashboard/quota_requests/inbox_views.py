"""One inbox for all requests that somebody may decide, how many wait in it, and the rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.accounts.models import User
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Membership, Role, Tenant
from dashboard.ui.fragments import go, page
from dashboard.ui.matching import looked_for

from . import listing
from . import rules as ruling
from .forms import RulesForm
from .models import QuotaRequestQuerySet


def inbox_view(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gets the requests that the person may decide. Strangers to all tenants get 404, who manages none 403."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: User = request.user  # type: ignore[assignment]
        mine = listing.decidable_by(user)
        if mine is None:
            if not Membership.objects.filter(user=user).exists():
                raise Http404
            raise PermissionDenied(_("This needs the role %(needed)s in a tenant.") % {"needed": Role.MANAGER.label})
        if user.is_admin:
            request.role = Role.ADMIN  # type: ignore[attr-defined]
        return view(request, mine, *args, **kwargs)

    return wrapped


@require_safe
@inbox_view
def inbox(request: HttpRequest, mine: QuotaRequestQuerySet) -> HttpResponse:
    """Those that wait, endorsed ones first; or those that are decided. At most eight queries."""
    q = looked_for(request)
    show = "decided" if request.GET.get("show") == "decided" else ""
    context = {
        "page": listing.page_of(listing.narrowed(mine, show=show, q=q), request.GET.get("page", "")),
        "show": show,
        "q": q,
        "waiting": mine.undecided().count(),
        "section": "requests",
    }
    return page(request, "quota_requests/inbox.html", context, fragment="live")


@require_safe
@login_required
def count(request: HttpRequest) -> HttpResponse:
    """How many wait for whoever asks, as the navigation shows it. With `tenant`: of that one only."""
    slug = request.GET.get("tenant", "")
    tenant = Tenant.objects.filter(slug=slug[:64]).first() if slug else None
    number = listing.waiting_for(request.user, tenant=tenant)  # type: ignore[arg-type]
    return page(request, "quota_requests/count.html", {"number": number or 0})


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def rules(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    form = RulesForm(request.POST if request.method == "POST" else None, rules=ruling.current())
    if form.is_bound and form.is_valid():
        try:
            ruling.change(administrator, **form.cleaned_data)
        except ruling.Changed as error:
            form = RulesForm(rules=error.now)
            return page(request, "quota_requests/rules.html", {"form": form, "problem": str(error)}, status=422)
        messages.success(request, _("The rules are saved."))
        return go(request, reverse("quota-requests:rules"))
    context = {"form": form, "section": "requests"}
    return page(request, "quota_requests/rules.html", context, status=422 if form.is_bound else 200)
