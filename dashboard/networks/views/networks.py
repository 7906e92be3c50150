"""The list of networks and routers, the topology, one network."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.quotas.models import Resource
from dashboard.quotas.usage import NETWORK, usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .. import actions
from ..forms import NetworkForm
from ..listing import NetworkRow, RouterRow, network_row, network_rows, open_operations, router_rows
from ..models import Network
from ..plugs import Plugs
from ..topology import branches_of
from .making import Making, answer_to
from .parts import Question, confirm, find, frame, timeline_of, url


def rows_of(actor: Actor) -> tuple[list[NetworkRow], list[RouterRow]]:
    plugs, operations = Plugs(actor.tenant), open_operations(actor)
    networks = network_rows(actor, plugs=plugs, operations=operations)
    return networks, router_rows(actor, plugs=plugs, networks=networks, operations=operations)


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All networks and routers. The fragment `live` is the part that changes by itself."""
    networks, routers = rows_of(actor)
    context = {
        **frame(actor, "networks", making="network.create"),
        "networks": networks,
        "routers": routers,
        "usage": usage_of(actor.tenant, only=NETWORK),
    }
    return page(request, "networks/list.html", context, fragment="live")


@require_safe
@tenant_view(Role.READER)
def topology(request: HttpRequest, actor: Actor) -> HttpResponse:
    networks, routers = rows_of(actor)
    context = {
        **frame(actor, "topology"),
        "branches": branches_of(networks, routers),
        "networks": [row for row in networks if not row.thing.is_external],
        "routers": routers,
    }
    return page(request, "networks/topology.html", context, fragment="live")


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    network = find(actor, Network, pk)
    row = network_row(network, actor=actor, plugs=Plugs(actor.tenant), operation=actions.open_operation(network))
    context = {
        **frame(actor, "networks"),
        "row": row,
        "network": network,
        "delete": row.button("network.delete"),
        "operations": timeline_of(actor, network),
    }
    return page(request, "networks/detail.html", context, fragment="live")


def make(actor: Actor, form: NetworkForm) -> Network:
    fields = form.cleaned_data
    asked = {name: fields[name] for name in ("cloud", "name", "external", "key")}
    return actions.create_network(actor, subnet=form.subnet, **asked)


MAKING = Making(
    kind="network.create",
    tab="networks",
    form=NetworkForm,
    shown=("name", "cidr", "external"),
    folded=("gateway", "dns", "has_dhcp"),
    adding={Resource.NETWORKS: 1, Resource.ROUTERS: 1},
    back="index",
    make=make,
)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A network with its subnet, and a router where a way to the outside is chosen."""
    return answer_to(request, actor, MAKING)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def delete(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    network = find(actor, Network, pk)
    row = network_row(network, actor=actor, plugs=Plugs(actor.tenant), operation=actions.open_operation(network))
    question = Question(
        kind="network.delete",
        name=str(network),
        sentence=_("The network, its subnets and the router that was made with it are removed from the cloud."),
        why_not=row.button("network.delete").why_not,
        back=url("index", actor),
        do=lambda: actions.delete_network(actor, pk),
    )
    return confirm(request, actor, question, tab="networks")
