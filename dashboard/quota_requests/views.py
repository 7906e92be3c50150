"""A tenant's quota, asking for more of it, and one request: parse, call one action, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds.secrets import Unreadable
from dashboard.clouds.standing import standings_of
from dashboard.instances import prefill
from dashboard.instances.forms import LaunchForm
from dashboard.instances.launch_views import launch_page, what_is_offered
from dashboard.quotas.actions import Meanwhile
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page

from . import actions, launches, listing
from .ceilings import ceilings_of
from .forms import AskForm, DecideForm
from .models import CarriedLaunch, QuotaRequest
from .wanted import Limit, limits_of

SECTION = {"section": "quota"}


@require_safe
@tenant_view(Role.READER)
def quota(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every limit with what is used of it, and the tenant's requests. At most eight queries."""
    limits = limits_of(actor.tenant)
    context = {
        "totals": [limit for limit in limits if not limit.cloud],
        "on_clouds": [limit for limit in limits if limit.cloud],
        "page": listing.page_of(QuotaRequest.objects.for_tenant(actor.tenant), request.GET.get("page", "")),
        "may_ask": actor.may(Role.MEMBER),
        **SECTION,
    }
    return page(request, "quota_requests/quota.html", context, fragment="live")


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, filled in by the address: a field's name with a limit, or `launch` with what a launch lacks."""
    limits = limits_of(actor.tenant)
    launch = launch_of(actor, request.POST.get("launch") or request.GET.get("launch", ""))
    if request.method != "POST":
        form = AskForm(limits=limits, initial=begun(request, actor, limits, launch))
        return new_page(request, actor, form, launch)
    form = AskForm(request.POST, limits=limits)
    if form.is_valid():
        carried = launch.pk if launch and form.cleaned_data["with_launch"] else None
        told = {"wanted": form.wanted, "reason": form.cleaned_data["reason"], "key": form.cleaned_data["key"]}
        try:
            made = actions.ask(actor, **told, launch_id=carried)
        except actions.NotPossible as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said_of(made))
            return go(request, url_of(made))
    form.mark_wrong()
    return new_page(request, actor, form, launch, status=422)


def new_page(
    request: HttpRequest, actor: Actor, form: AskForm, launch: CarriedLaunch | None, *, status: int = 200
) -> HttpResponse:
    undecided = QuotaRequest.objects.for_tenant(actor.tenant).undecided()
    context = {"form": form, "launch": launch, "others": listing.with_all(undecided.in_order())[:5], **SECTION}
    return page(request, "quota_requests/new.html", context, status=status)


def launch_of(actor: Actor, text: str) -> CarriedLaunch | None:
    """None for what is none of theirs, or was asked for already."""
    try:
        return launches.draft_of(actor, UUID(text)) if text else None
    except ValueError:
        return None


def begun(request: HttpRequest, actor: Actor, limits: list[Limit], launch: CarriedLaunch | None) -> dict[str, Any]:
    """What the form begins with."""
    found: dict[str, Any] = {one.name: request.GET[one.name][:40] for one in limits if one.name in request.GET}
    found["reason"] = request.GET.get("reason", "").replace("\0", "")[:500]
    if launch is None:
        return found
    lacking = {(one.resource, bool(one.cloud)): one.after for one in launches.lacking(actor.tenant, launch)}
    for limit in limits:
        is_that_cloud = limit.cloud is None or str(limit.cloud.pk) == launch.said.get("cloud_id")
        if is_that_cloud and (after := lacking.get((limit.resource, limit.cloud is not None))):
            found[limit.name] = str(after)
    return found | {"launch": launch.pk}


def said_of(made: QuotaRequest) -> str:
    if made.is_given:
        return _("Approved at once by a rule: the limits are raised.")
    return _("It is asked for. You are told what becomes of it, here and by mail.")


def url_of(made: QuotaRequest) -> str:
    return reverse("quota-requests:detail", args=[made.tenant.slug, made.pk])


@sensitive_variables()
@require_POST
@tenant_view(Role.MEMBER)
def carry(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The launch form, sent to be kept for a request: on to that request, filled in with what is missing."""
    offered = what_is_offered(actor, request.POST, standings_of(actor.tenant))
    if offered is None:
        raise Http404
    form = LaunchForm(request.POST, request.FILES, **offered)
    if not form.is_valid() and not (form.is_short and set(form.errors) == {"keep_as"}):
        return launch_page(request, actor, form, status=422)
    kept = launches.keep(actor, form, request.POST)
    return go(request, f"{reverse('quota-requests:new', args=[actor.tenant.slug])}?launch={kept.pk}")


# --- one request -------------------------------------------------------------------------


def find(actor: Actor, pk: UUID) -> QuotaRequest:
    found = QuotaRequest.objects.for_tenant(actor.tenant).select_related("tenant", "carried", "requested_by")
    request = found.filter(pk=pk).first()
    if request is None:
        raise Http404
    return request


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    return detail_page(request, actor, find(actor, pk))


def detail_page(
    request: HttpRequest, actor: Actor, found: QuotaRequest, *, form: DecideForm | None = None, status: int = 200
) -> HttpResponse:
    wishes = list(found.wishes.select_related("cloud"))
    now = listing.limits_now(found, wishes)
    may_decide = actor.may(Role.MANAGER) and found.is_undecided
    why_not = actions.why_not_decide(actor, found) if may_decide else ""
    if form is None and may_decide and not why_not:
        form = decide_form(actor, found)
    context = {
        "asked": found,
        "wishes": [(wish, now[wish.pk]) for wish in wishes],
        "lines": list(found.lines.all()),
        "launch": getattr(found, "carried", None),
        "form": form if may_decide and not why_not else None,
        "why_not": why_not,
        "may": listing.May.of(actor, found),
        "may_approve": actor.may(Role.ADMIN) or bool(form and form.ceilings),
        **SECTION,
    }
    return page(request, "quota_requests/detail.html", context, fragment="live", status=status)


def decide_form(actor: Actor, found: QuotaRequest, data: Any = None) -> DecideForm:
    wishes = list(found.wishes.select_related("cloud", "request"))
    ceilings = None if actor.may(Role.ADMIN) else ceilings_of(actor.tenant)
    return DecideForm(data, wishes=wishes, now=listing.limits_now(found, wishes), ceilings=ceilings)


@require_POST
@tenant_view(Role.MANAGER)
def decide(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """`decision`: approve, endorse or deny. Whoever comes second is told so, whatever the form has."""
    found = find(actor, pk)
    if why_not := actions.why_not_decide(actor, found):
        return go_back(request, found, why_not, bad=True)
    form = decide_form(actor, found, request.POST)
    if form.is_valid():
        try:
            return go_back(request, found, done(actor, found, form))
        except actions.NotPossible as error:
            return go_back(request, found, str(error), bad=True)
        except Meanwhile as error:
            form.refuse(error.changes)
    form.mark_wrong()
    return detail_page(request, actor, found, form=form, status=422)


def done(actor: Actor, found: QuotaRequest, form: DecideForm) -> str:
    """Raises NotPossible, Meanwhile."""
    comment = form.cleaned_data["comment"]
    match form.decision:
        case "approve":
            actions.approve(actor, found.pk, grants=form.grants, comment=comment)
            return _("It is approved, and %(who)s is told.") % {"who": found.requested_by_name}
        case "endorse":
            actions.endorse(actor, found.pk, comment=comment)
            return _("It is endorsed: administrators see it first.")
    actions.deny(actor, found.pk, comment=comment)
    return _("It is denied, and %(who)s is told.") % {"who": found.requested_by_name}


def go_back(request: HttpRequest, found: QuotaRequest, text: str, *, bad: bool = False) -> HttpResponse:
    messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, text)
    return go(request, url_of(found))


@require_POST
@tenant_view(Role.MEMBER)
def withdraw(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    found = find(actor, pk)
    try:
        actions.withdraw(actor, pk)
    except actions.NotPossible as error:
        return go_back(request, found, str(error), bad=True)
    return go_back(request, found, _("The request is withdrawn."))


@require_POST
@tenant_view(Role.MEMBER)
def take_back(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    found = find(actor, pk)
    try:
        actions.take_back(actor, pk)
    except actions.NotPossible as error:
        return go_back(request, found, str(error), bad=True)
    return go_back(request, found, _("The launch will not start. The request for more quota stays."))


@sensitive_variables()
@require_safe
@tenant_view(Role.MEMBER)
def launch(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """The launch form, filled in with the launch that could not start. Its requester's own."""
    found = find(actor, pk)
    if not listing.May.of(actor, found).launch:
        raise Http404
    try:
        filling = launches.prefill_of(found.carried)
    except Unreadable as error:
        raise Http404 from error
    offered = what_is_offered(actor, filling.query, standings_of(actor.tenant))
    if offered is None:
        raise Http404
    return launch_page(request, actor, prefill.filled(filling, **offered))
