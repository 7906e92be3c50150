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
from .standing import standing_of
from .words import FEATURES


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Those that the tenant works on, and those that it may bring a credential for."""
    accounts = {account.cloud_id: account for account in CloudAccount.objects.filter(tenant=actor.tenant)}
    rows = [(cloud, standing_of(cloud, accounts.get(cloud.pk))) for cloud in offered_to(actor)]
    context = {
        "rows": rows,
        "clouds": [standing for _, standing in rows],
        "may_bring": actor.may(Role.MANAGER),
        "section": "clouds",
    }
    return page(request, "clouds/list.html", context, fragment="live")


def offered_to(actor: Actor) -> QuerySet[Cloud]:
    mine = CloudAccount.objects.filter(tenant=actor.tenant).values("cloud")
    return Cloud.objects.filter(Q(pk__in=mine) | Q(tenants_bring=True), is_draft=False)


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    cloud = get_object_or_404(offered_to(actor), pk=pk)
    features = [(words, cloud.can(feature)) for feature, words in FEATURES.items()]
    account = cloud.accounts.filter(tenant=actor.tenant).first()
    standing = standing_of(cloud, account)
    context = {
        "cloud": cloud,
        "standing": standing,
        "clouds": [standing],
        "account": account,
        "features": features,
        "may_bring": actor.may(Role.MANAGER),
        "section": "clouds",
    }
    return page(request, "clouds/detail.html", context, fragment="live")
