"""Floating IPs."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.quotas.models import Resource
from dashboard.quotas.usage import usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .. import actions
from ..forms import AllocateForm, AssociateForm
from ..listing import address_rows, open_operations
from ..models import FloatingIp
from ..plugs import Plugs
from ..verbs import why_not
from .making import Making, answer_to
from .parts import Question, act, confirm, find, frame, url


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {
        **frame(actor, "addresses", making="floating-ip.allocate"),
        "addresses": address_rows(actor, plugs=Plugs(actor.tenant), operations=open_operations(actor)),
        "usage": usage_of(actor.tenant, only=(Resource.FLOATING_IPS,)),
    }
    return page(request, "networks/addresses.html", context, fragment="live")


MAKING = Making(
    kind="floating-ip.allocate",
    tab="addresses",
    form=AllocateForm,
    shown=("external",),
    adding={Resource.FLOATING_IPS: 1},
    back="addresses",
    make=lambda actor, form: actions.allocate(actor, **form.cleaned_data),
)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def allocate(request: HttpRequest, actor: Actor) -> HttpResponse:
    return answer_to(request, actor, MAKING)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def associate(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """GET asks with which instance; POST asks the cloud for it."""
    address = find(actor, FloatingIp, pk)
    plugs = [plug for plug in Plugs(actor.tenant).on(address.cloud) if any(":" not in a for a in plug.addresses)]
    if request.method != "POST":
        return associate_page(request, actor, address, AssociateForm(plugs=plugs))
    form = AssociateForm(request.POST, plugs=plugs)
    if not form.is_valid():
        return associate_page(request, actor, address, form, status=422)
    port = form.ports[form.cleaned_data["port"]]
    do = lambda: actions.associate(actor, pk, port=port)  # noqa: E731
    return act(request, str(address), do, back=url("addresses", actor))


def associate_page(
    request: HttpRequest, actor: Actor, address: FloatingIp, form: AssociateForm, *, status: int = 200
) -> HttpResponse:
    operation = actions.open_operation(address)
    context = {
        **frame(actor, "addresses"),
        "address": address,
        "form": form,
        "why_not": why_not(address, "floating-ip.associate", role=actor.role, operation=operation),
        "back": url("addresses", actor),
    }
    return page(request, "networks/associate.html", context, fragment="dialog", status=status)


@require_POST
@tenant_view(Role.MEMBER)
def disassociate(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    address = find(actor, FloatingIp, pk)
    do = lambda: actions.disassociate(actor, pk)  # noqa: E731
    return act(request, str(address), do, back=url("addresses", actor))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def release(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    address = find(actor, FloatingIp, pk)
    operation = actions.open_operation(address)
    question = Question(
        kind="floating-ip.release",
        name=str(address) or _("Floating IP"),
        sentence=_("The address goes back to the cloud; somebody else may get it next."),
        why_not=why_not(address, "floating-ip.release", role=actor.role, operation=operation),
        back=url("addresses", actor),
        do=lambda: actions.release(actor, pk),
    )
    return confirm(request, actor, question, tab="addresses")
