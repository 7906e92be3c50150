"""Routers: make, look, connect, disconnect, delete."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.quotas.models import Resource
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .. import actions
from ..forms import ConnectForm, RouterForm
from ..listing import Row
from ..models import Network, Router, Subnet
from .making import Making, answer_to
from .parts import Question, act, confirm, find, frame, timeline_of, url


def connectable(actor: Actor, router: Router) -> QuerySet[Subnet]:
    """Subnets of the tenant, or shared with it, that the router does not connect yet."""
    there = Subnet.objects.for_tenant(actor.tenant).filter(cloud=router.cloud, network__is_external=False)
    return there.exclude(remote_id__in=["", *router.subnet_ids]).select_related("network")


def row_of(actor: Actor, router: Router) -> Row[Router]:
    users = actions.addresses_through(router)
    return Row(thing=router, actor=actor, operation=actions.open_operation(router), users=users)


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    router = find(actor, Router, pk)
    return detail_page(request, actor, router, ConnectForm(subnets=connectable(actor, router)))


def detail_page(
    request: HttpRequest, actor: Actor, router: Router, form: ConnectForm, *, status: int = 200
) -> HttpResponse:
    row = row_of(actor, router)
    here = Subnet.objects.for_tenant(actor.tenant).filter(cloud=router.cloud, remote_id__in=router.subnet_ids)
    external = Network.objects.for_tenant(actor.tenant).filter(cloud=router.cloud, is_external=True)
    context = {
        **frame(actor, "networks"),
        "row": row,
        "router": router,
        "external": external.filter(remote_id=router.external_network_id).first(),
        "subnets": here.select_related("network"),
        "form": form,
        "connect": row.button("router.connect"),
        "disconnect": row.button("router.disconnect"),
        "delete": row.button("router.delete"),
        "operations": timeline_of(actor, router),
    }
    return page(request, "networks/router.html", context, fragment="live", status=status)


MAKING = Making(
    kind="router.create",
    tab="networks",
    form=RouterForm,
    shown=("name", "external"),
    adding={Resource.ROUTERS: 1},
    back="index",
    make=lambda actor, form: actions.create_router(actor, **form.cleaned_data),
)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    return answer_to(request, actor, MAKING)


@require_POST
@tenant_view(Role.MEMBER)
def connect(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    router = find(actor, Router, pk)
    form = ConnectForm(request.POST, subnets=connectable(actor, router))
    if not form.is_valid():
        return detail_page(request, actor, router, form, status=422)
    subnet = form.cleaned_data["subnet"]
    do = lambda: actions.connect_router(actor, pk, subnet=subnet)  # noqa: E731
    return act(request, str(router), do, back=url("router", actor, pk))


@require_POST
@tenant_view(Role.MEMBER)
def disconnect(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    router = find(actor, Router, pk)
    subnet_id = request.POST.get("subnet", "")
    do = lambda: actions.disconnect_router(actor, pk, subnet_id=subnet_id)  # noqa: E731
    return act(request, str(router), do, back=url("router", actor, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def delete(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    router = find(actor, Router, pk)
    question = Question(
        kind="router.delete",
        name=str(router),
        sentence=_("Its networks lose what connects them with each other and with the outside."),
        why_not=row_of(actor, router).button("router.delete").why_not,
        back=url("index", actor),
        do=lambda: actions.delete_router(actor, pk),
    )
    return confirm(request, actor, question, tab="networks")
