"""The administrator's pages of all users: parse, call one action, answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.accounts.factors import has_second_factor
from dashboard.accounts.models import User
from dashboard.clouds.forms import mark_wrong
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Membership, Role
from dashboard.ui.fragments import go, page

from . import users
from .actions import NotPossible
from .forms import AddForm, InviteUserForm, ReasonForm
from .members import given_by
from .user_list import SHOWN, SORTS, columns, users_page
from .views import typed

SECTION = {"section": "users"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    label: str | Promise
    icon: str
    asks: str | Promise
    """What is said before it is done."""
    done: str | Promise
    is_danger: bool = False


VERBS = {
    "disable": Verb(
        label=gettext_lazy("Disable"),
        icon="lock",
        asks=gettext_lazy(
            "They are signed out everywhere within five seconds, consoles too, and cannot sign in again."
        ),
        done=gettext_lazy("%(name)s is disabled."),
        is_danger=True,
    ),
    "enable": Verb(
        label=gettext_lazy("Enable"),
        icon="lock-open",
        asks=gettext_lazy("They can sign in again, into the tenants that they are in."),
        done=gettext_lazy("%(name)s is enabled."),
    ),
    "make-administrator": Verb(
        label=gettext_lazy("Make administrator"),
        icon="shield",
        asks=gettext_lazy("They may do everything, in every tenant and with every cloud."),
        done=gettext_lazy("%(name)s is administrator now."),
    ),
    "unmake-administrator": Verb(
        label=gettext_lazy("Administrator no longer"),
        icon="shield",
        asks=gettext_lazy("They keep only what they are in their tenants."),
        done=gettext_lazy("%(name)s is administrator no longer."),
        is_danger=True,
    ),
    "end-sessions": Verb(
        label=gettext_lazy("End all sessions"),
        icon="logout",
        asks=gettext_lazy("They are signed out in every browser, and can sign in again at once."),
        done=gettext_lazy("%(name)s is signed out everywhere."),
    ),
    "reset-factors": Verb(
        label=gettext_lazy("Remove second factors"),
        icon="shield",
        asks=gettext_lazy(
            "For somebody who lost their phone or key: authenticator app, passkeys and recovery codes are removed, "
            "and they are signed out everywhere. Be sure that it is they who ask."
        ),
        done=gettext_lazy("The second factors of %(name)s are removed."),
        is_danger=True,
    ),
}


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    q, show, sort = typed(request, "q")[:200], request.GET.get("show", ""), request.GET.get("sort", "")
    show, sort = show if show in SHOWN else "", sort if sort in SORTS else "name"
    shown = users_page(q=q, show=show, sort=sort, after=typed(request, "after"), before=typed(request, "before"))
    chips = [(name, label, name == show) for name, (label, _which) in SHOWN.items()]
    context = {"page": shown, "q": q, "show": show, "sort": sort, "chips": chips, "columns": columns(sort), **SECTION}
    return page(request, "people/users.html", context, fragment="live")


def find(pk: int) -> User:
    return get_object_or_404(User.objects.select_related("disabling__by", "keystone_account__cloud"), pk=pk)


@require_safe
@admin_view
def detail(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    return user_page(request, administrator, find(pk), AddForm())


def user_page(
    request: HttpRequest, administrator: Administrator, person: User, form: AddForm, *, status: int = 200
) -> HttpResponse:
    rows = Membership.objects.filter(user=person).select_related("tenant", "keystone_grant__account__cloud")
    context = {
        "person": person,
        "memberships": [(row, Role(row.role).label, given_by(row)) for row in rows.order_by("tenant__slug")],
        "form": form,
        "verbs": [(name, VERBS[name], why) for name, why in verbs_of(administrator, person)],
        "has_factor": has_second_factor(person),
        "is_own": person.pk == administrator.user.pk,
        **SECTION,
    }
    return page(request, "people/user.html", context, status=status)


def verbs_of(administrator: Administrator, person: User) -> list[tuple[str, str]]:
    """What can be done with the account, each with why it cannot be now."""
    found = [("disable", users.why_enabled(person, by=administrator.user)) if person.is_active else ("enable", "")]
    if person.is_superuser:
        found.append(("unmake-administrator", users.why_admin_stays(person)))
    else:
        why = "" if person.is_active else _("The account is disabled. Enable it first.")
        found.append(("make-administrator", why))
    return [*found, ("end-sessions", ""), ("reset-factors", users.why_factors_stay(person, by=administrator.user))]


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def change(request: HttpRequest, administrator: Administrator, pk: int, verb: str) -> HttpResponse:
    """GET asks, or says why it cannot be done now; POST does it."""
    if verb not in VERBS:
        raise Http404
    person = find(pk)
    form: Form = ReasonForm(request.POST if request.method == "POST" else None) if verb == "disable" else Form()
    if request.method == "POST" and (verb != "disable" or form.is_valid()):
        try:
            do(administrator, pk, verb, **getattr(form, "cleaned_data", {}))
        except NotPossible as error:
            return asking(request, person, verb, form, wrong=str(error), status=422)
        messages.success(request, str(VERBS[verb].done) % {"name": person.username})
        return go(request, "/" if person.pk == administrator.user.pk else reverse("people:user", args=[pk]))
    why = dict(verbs_of(administrator, person)).get(verb, "")
    return asking(request, person, verb, form, wrong=why, status=422 if form.is_bound else 200)


def do(administrator: Administrator, pk: int, verb: str, *, reason: str = "") -> None:
    match verb:
        case "disable":
            users.disable(administrator, pk, reason=reason)
        case "enable":
            users.enable(administrator, pk)
        case "make-administrator":
            users.make_administrator(administrator, pk)
        case "unmake-administrator":
            users.unmake_administrator(administrator, pk)
        case "end-sessions":
            users.end_sessions(administrator, pk)
        case "reset-factors":
            users.reset_factors(administrator, pk)


def asking(
    request: HttpRequest, person: User, verb: str, form: Form, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    mark_wrong(form)
    context = {"person": person, "name": verb, "verb": VERBS[verb], "form": form, "wrong": wrong, **SECTION}
    context["without"] = users.without_manager(person) if verb == "disable" else []
    return page(request, "people/user_ask.html", context, fragment="dialog", status=status)


@require_http_methods(["POST"])
@admin_view
def add(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    """Into a tenant."""
    person, form = find(pk), AddForm(request.POST)
    if form.is_valid():
        tenant, role = form.cleaned_data["tenant"], form.cleaned_data["role"]
        try:
            users.add_to_tenant(administrator, pk, tenant=tenant, role=role)
        except NotPossible as error:
            form.add_error("tenant", str(error))
        else:
            said = {"name": person.username, "role": role.label, "tenant": tenant.name}
            messages.success(request, _("%(name)s is %(role)s of %(tenant)s now.") % said)
            return go(request, reverse("people:user", args=[pk]))
    mark_wrong(form)
    return user_page(request, administrator, person, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def invite(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    form = InviteUserForm(request.POST if request.method == "POST" else None, initial={"role": Role.MEMBER.value})
    if form.is_bound and form.is_valid():
        fields: dict[str, Any] = form.cleaned_data
        try:
            users.invite(administrator, fields.pop("address"), **fields)
        except NotPossible as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("The invitation is on its way. The account is there when they accept it."))
            return go(request, reverse("people:users"))
    mark_wrong(form)
    context = {"form": form, **SECTION}
    return page(request, "people/user_invite.html", context, status=422 if form.is_bound else 200)
