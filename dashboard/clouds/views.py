"""A cloud's page: whether it answers, what it can do, how guests are run."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .models import Cloud
from .words import FEATURES


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    clouds = list(Cloud.objects.filter(accounts__tenant=actor.tenant))
    return page(request, "clouds/list.html", {"clouds": clouds, "section": "clouds"}, fragment="live")


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    cloud = get_object_or_404(Cloud, pk=pk, accounts__tenant=actor.tenant)
    features = [(words, cloud.can(feature)) for feature, words in FEATURES.items()]
    context = {"cloud": cloud, "clouds": [cloud], "features": features, "section": "clouds"}
    return page(request, "clouds/detail.html", context, fragment="live")
