"""Inviting people into a tenant, and the invitations that wait."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.clouds.forms import mark_wrong
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import invitations
from .actions import NotPossible
from .forms import InviteForm
from .views import frame, list_url


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MANAGER)
def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"role": Role.MEMBER.value})
    if form.is_bound and form.is_valid():
        fields = form.cleaned_data
        try:
            sent = invitations.invite(actor, fields["addresses"], role=fields["role"], message=fields["message"])
        except NotPossible as error:
            form.add_error("addresses", str(error))
        else:
            messages.success(request, invitations.told(sent))
            return go(request, list_url(actor))
    mark_wrong(form)
    return page(request, "people/invite.html", frame(actor, form=form), status=422 if form.is_bound else 200)


@require_POST
@tenant_view(Role.MANAGER)
def send_again(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    try:
        invitation = invitations.send_again(actor, pk)
    except NotPossible as error:
        return answer(request, list_url(actor), str(error), bad=True)
    if invitation is None:
        return answer(request, list_url(actor), over(), bad=True)
    text = _("The invitation of %(address)s is sent again. The link before is no good any more.")
    return answer(request, list_url(actor), text % {"address": invitation.email})


@require_POST
@tenant_view(Role.MANAGER)
def withdraw(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    invitation = invitations.withdraw(actor, pk)
    if invitation is None:
        return answer(request, list_url(actor), over(), bad=True)
    text = _("The invitation of %(address)s is withdrawn. Its link is no good any more.")
    return answer(request, list_url(actor), text % {"address": invitation.email})


def over() -> str:
    return _("That invitation is accepted or withdrawn already.")
