"""A cloud's page: whether it answers, what it can do, how guests are run."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .models import Cloud, CloudAccount
from .words import FEATURES


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Those that the tenant works on, and those that it may bring a credential for."""
    clouds = list(offered_to(actor))
    context = {"clouds": clouds, "may_bring": actor.may(Role.MANAGER), "section": "clouds"}
    return page(request, "clouds/list.html", context, fragment="live")


def offered_to(actor: Actor) -> QuerySet[Cloud]:
    mine = CloudAccount.objects.filter(tenant=actor.tenant).values("cloud")
    return Cloud.objects.filter(Q(pk__in=mine) | Q(tenants_bring=True), is_draft=False)


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    cloud = get_object_or_404(offered_to(actor), pk=pk)
    features = [(words, cloud.can(feature)) for feature, words in FEATURES.items()]
    context = {"cloud": cloud, "clouds": [cloud], "features": features, "section": "clouds"}
    context |= {"may_bring": actor.may(Role.MANAGER), "account": cloud.accounts.filter(tenant=actor.tenant).first()}
    return page(request, "clouds/detail.html", context, fragment="live")
