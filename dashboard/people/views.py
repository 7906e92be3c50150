"""The pages of a tenant's people: parse, call one action, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Membership, Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions
from .forms import RoleForm
from .members import Row, managers_of, members_of, rows_of
from .models import Invitation

MOST_SHOWN = 200


def frame(actor: Actor, **more: Any) -> dict[str, Any]:
    return {"section": "people", "may_change": actor.may(Role.MANAGER), **more}


def list_url(actor: Actor) -> str:
    return reverse("people:index", args=[actor.tenant.slug])


def typed(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:2000]


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    q = typed(request, "q")[:200]
    rows, shown = rows_of(actor, q=q, after=typed(request, "after"), before=typed(request, "before"))
    context = frame(actor, rows=rows, page=shown, q=q, invitations=waiting(actor))
    return page(request, "people/list.html", context, fragment="live")


def waiting(actor: Actor) -> list[Invitation]:
    """Who is invited and has not come yet: for managers only, since they are nobody here."""
    if not actor.may(Role.MANAGER):
        return []
    return list(actor.tenant.invitations.pending().select_related("invited_by").order_by("-created_at")[:MOST_SHOWN])


def find(actor: Actor, pk: int) -> Row:
    """Raises Http404, also for a member of another tenant."""
    membership = members_of(actor.tenant).filter(pk=pk).first()
    if membership is None:
        raise Http404
    return Row(membership, actor, managers_of(actor.tenant).count())


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MANAGER)
def role(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    row = find(actor, pk)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": row.role.value})
    if form.is_bound and form.is_valid():
        return attempt(request, actor, form, row)
    return role_page(request, actor, form, row)


def attempt(request: HttpRequest, actor: Actor, form: RoleForm, row: Row) -> HttpResponse:
    wanted = form.cleaned_data["role"]
    try:
        actions.change_role(actor, row.membership.pk, role=wanted)
    except actions.NotPossible as error:
        form.add_error("role", str(error))
        return role_page(request, actor, form, row)
    except Membership.DoesNotExist:
        return answer(request, list_url(actor), gone(row), bad=True)
    text = _("%(name)s is %(role)s now.") % {"name": row.user.username, "role": wanted.label}
    if row.is_own and not actor.may(Role.ADMIN):  # the whole page has other buttons now
        messages.success(request, text)
        return go(request, list_url(actor))
    return answer(request, list_url(actor), text)


def role_page(request: HttpRequest, actor: Actor, form: RoleForm, row: Row) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return page(request, "people/role.html", frame(actor, form=form, row=row), fragment="dialog", status=status)


def gone(row: Row) -> str:
    return _("%(name)s is not in this tenant any more.") % {"name": row.user.username}


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.READER)
def remove(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Somebody, for managers; oneself, for everybody."""
    row = find(actor, pk)
    if not row.is_own:
        actor.require(Role.MANAGER)
    if request.method != "POST":
        return page(request, "people/remove.html", frame(actor, row=row), fragment="dialog")
    try:
        actions.remove(actor, pk)
    except actions.NotPossible as error:
        context = frame(actor, row=row, wrong=str(error))
        return page(request, "people/remove.html", context, fragment="dialog", status=422)
    except Membership.DoesNotExist:
        return answer(request, list_url(actor), gone(row), bad=True)
    if row.is_own and not actor.may(Role.ADMIN):
        messages.success(request, _("You left %(tenant)s.") % {"tenant": actor.tenant.name})
        return go(request, "/")
    return answer(request, list_url(actor), _("%(name)s is removed.") % {"name": row.user.username})
