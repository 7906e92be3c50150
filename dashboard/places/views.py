"""The pages of tenants on clouds: parse, call one action, answer. They read rows and never call a cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds.findings import words_for_reading
from dashboard.clouds.models import Cloud, CloudAccount, Fetched
from dashboard.instances.models import Instance
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, Administrator, admin_view, tenant_view
from dashboard.tenancy.models import Role, Tenant
from dashboard.ui.fragments import go, page
from dashboard.ui.matching import looked_for
from dashboard.ui.notices import answer

from . import actions, listing, removal
from .actions import NotPossible
from .forms import CredentialForm
from .linking import candidate
from .refusals import sentence

SECTION = {"section": "connections", "tab": "tenants"}


def find(pk: UUID) -> Cloud:
    return get_object_or_404(Cloud, pk=pk, is_draft=False)


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """Every tenant and its place on this cloud."""
    cloud, q, show = find(pk), looked_for(request), request.GET.get("show", "")
    show = show if show in listing.SHOWN else ""
    numbered, rows = listing.page_of(cloud, q=q, show=show, at=request.GET.get("page"))
    shown = [(name, listing.STATES.get("done" if name == "there" else name, _("All"))) for name in listing.SHOWN]
    context = {"cloud": cloud, "page": numbered, "rows": rows, "q": q, "show": show, "shown": shown, **SECTION}
    return page(request, "places/list.html", context, fragment="live")


@require_safe
@admin_view
def detail(request: HttpRequest, administrator: Administrator, pk: UUID, slug: str) -> HttpResponse:
    cloud, tenant = find(pk), get_object_or_404(Tenant, slug=slug)
    return detail_page(request, cloud, tenant)


def detail_page(
    request: HttpRequest, cloud: Cloud, tenant: Tenant, *, wrong: str = "", wrong_name: str = "", status: int = 200
) -> HttpResponse:
    """What is there, what can be done, what was done last.

    `wrong` is why a form was refused, `wrong_name` what is wrong with the name that was typed.
    """
    projects = Fetched.objects.filter(cloud=cloud, what=Fetched.What.PLACES).first()
    taken = dict(
        CloudAccount.objects.filter(cloud=cloud).exclude(remote_id="").values_list("remote_id", "tenant__name")
    )
    operations = Operation.objects.for_tenant(tenant).filter(cloud=cloud, kind__startswith="place.")
    row = listing.row_of(cloud, tenant)
    typed = row.failed.arguments if row.failed else {}
    context = {
        "cloud": cloud,
        "owner": tenant,
        "row": row,
        "projects": projects,
        "projects_failure": words_for_reading(projects.failure) if projects else None,
        "offered": [(item, taken.get(item["id"], "")) for item in projects.items] if projects else [],
        "operations": list(operations.prefetch_related("steps")[:10]),
        "present": Instance.objects.for_tenant(tenant).present().filter(cloud=cloud).count(),
        "wrong": wrong,
        "wrong_name": wrong_name,
        "typed_name": request.POST.get("name", typed.get("name") or cloud.bounds.place_name(tenant.slug)),
        "chosen": request.POST.get("place") or request.GET.get("place") or typed.get("place_id", ""),
        **SECTION,
    }
    return page(request, "places/detail.html", context, fragment="live", status=status)


# --- verbs -----------------------------------------------------------------------------


def make(actor: Actor, cloud: Cloud, values: Mapping[str, str]) -> None:
    name = values.get("name", "").strip()[:64]
    if not name:
        raise NotPossible("no-name")
    actions.make(actor, cloud, name=name, network=bool(values.get("network")))


def admit(actor: Actor, cloud: Cloud, values: Mapping[str, str]) -> None:
    actions.admit(actor, cloud)


def on_account(verb: Callable[[Actor, CloudAccount], object]) -> Callable[[Actor, Cloud, Mapping[str, str]], None]:
    """A verb on a place that is there."""

    def do(actor: Actor, cloud: Cloud, values: Mapping[str, str]) -> None:
        verb(actor, account_of(actor, cloud))

    return do


def account_of(actor: Actor, cloud: Cloud) -> CloudAccount:
    account = cloud.accounts.filter(tenant=actor.tenant).first()
    if account is None:
        raise NotPossible("not-there")
    account.cloud = cloud
    return account


def adopt(actor: Actor, cloud: Cloud, values: Mapping[str, str]) -> None:
    actions.adopt_limit(actor, account_of(actor, cloud), resource=values.get("resource", ""))


VERBS: dict[str, Callable[[Actor, Cloud, Mapping[str, str]], None]] = {
    "make": make,
    "admit": admit,
    "rotate": on_account(actions.rotate),
    "push": on_account(actions.push_limits),
    "read": on_account(actions.read_limits),
    "stop": on_account(actions.stop),
    "adopt": adopt,
}


@require_POST
@admin_view
def change(request: HttpRequest, administrator: Administrator, pk: UUID, slug: str, verb: str) -> HttpResponse:
    cloud, tenant = find(pk), get_object_or_404(Tenant, slug=slug)
    if verb not in VERBS:
        raise Http404
    here = reverse("places:detail", args=[pk, slug])
    try:
        VERBS[verb](administrator.in_tenant(tenant), cloud, request.POST.dict())
    except NotPossible as refusal:
        if verb == "make":
            at = "wrong_name" if refusal.code in {"no-name", "bad-name"} else "wrong"
            return detail_page(request, cloud, tenant, **{at: sentence(refusal, cloud=cloud)}, status=422)
        return answer(request, here, sentence(refusal, cloud=cloud), bad=True)
    return answer(request, here, "")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def link(request: HttpRequest, administrator: Administrator, pk: UUID, slug: str) -> HttpResponse:
    """Says what is in the place that was chosen and what changes; linked is only what was confirmed there."""
    cloud, tenant = find(pk), get_object_or_404(Tenant, slug=slug)
    actor, is_asked = administrator.in_tenant(tenant), request.method == "POST"
    place_id = (request.POST if is_asked else request.GET).get("place", "")[:255]
    try:
        if is_asked and request.POST.get("confirmed") == "yes":
            actions.link(actor, cloud, place_id=place_id)
            return go(request, reverse("places:detail", args=[pk, slug]))
        if is_asked:
            actions.look_inside(actor, cloud, place_id=place_id)
            query = urlencode({"place": place_id})
            return go(request, f"{reverse('places:link', args=[pk, slug])}?{query}")
        actions.can_link(tenant, cloud, place_id)
    except NotPossible as refusal:
        return detail_page(
            request, cloud, tenant, wrong=sentence(refusal, cloud=cloud), status=422 if is_asked else 200
        )
    place = candidate(cloud, tenant, place_id)
    failure = words_for_reading(place.read.failure) if place.read and not place.is_gone else None
    context = {"cloud": cloud, "owner": tenant, "place": place, "failure": failure, **SECTION}
    return page(request, "places/link.html", context, fragment="live")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def unlink(request: HttpRequest, administrator: Administrator, pk: UUID, slug: str) -> HttpResponse:
    """Says what will happen, and wants the tenant's name typed."""
    cloud, tenant = find(pk), get_object_or_404(Tenant, slug=slug)
    account, wrong = cloud.accounts.filter(tenant=tenant).first(), ""
    if account is None:
        raise Http404
    if request.method == "POST":
        try:
            if request.POST.get("name", "").strip() != tenant.slug:
                raise NotPossible("name")
            account.cloud = cloud
            actions.unlink(administrator.in_tenant(tenant), account, remove=request.POST.get("also-delete") == "yes")
        except NotPossible as refusal:
            wrong = sentence(refusal, cloud=cloud)
        else:
            return go(request, reverse("places:detail", args=[pk, slug]))
    present = Instance.objects.for_tenant(tenant).present().filter(cloud=cloud)
    context = {
        "cloud": cloud,
        "owner": tenant,
        "account": account,
        "can_remove": cloud.has_places and actions.can_remove(account),
        "remove": request.POST.get("also-delete") == "yes",
        "instances": list(present[:20]),
        "present": present.count(),
        "restorable": present.restorable().count(),
        "wrong": wrong,
        **SECTION,
    }
    return page(request, "places/unlink.html", context, fragment="form", status=422 if wrong else 200)


@require_POST
@admin_view
def give(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """A project's credential that was pasted is the tenant's from now on."""
    cloud = get_object_or_404(Cloud, pk=pk)
    tenant = Tenant.objects.filter(slug=request.POST.get("tenant", "")).first()
    try:
        if tenant is None:
            raise NotPossible("no-tenant")
        actions.give(administrator, cloud, tenant)
    except NotPossible as refusal:
        return answer(request, reverse("connections:detail", args=[pk]), sentence(refusal, cloud=cloud), bad=True)
    return go(request, reverse("places:detail", args=[pk, tenant.slug]))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def remove(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """Lists what stands against it; else wants the cloud's name typed. A draft goes at once."""
    cloud, wrong = get_object_or_404(Cloud, pk=pk), ""
    if request.method == "POST":
        if not cloud.is_draft and request.POST.get("name", "").strip() != cloud.name:
            wrong = _("Type the cloud's name exactly as it is shown.")
        else:
            try:
                removal.remove(administrator, cloud)
            except removal.InUse:
                wrong = _("It is still in use.")
            else:
                messages.success(request, _("%(cloud)s is removed.") % {"cloud": cloud.name})
                return go(request, reverse("connections:index"))
    context = {
        "cloud": cloud,
        "instances": removal.present(cloud),
        "accounts": removal.linked(cloud),
        "wrong": wrong,
        "section": "connections",
    }
    return page(request, "places/remove.html", context, fragment="form", status=422 if wrong else 200)


# --- a manager's own credential -----------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MANAGER)
def bring(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """The tenant's own credential for a cloud whose administrator gave us none."""
    cloud = get_object_or_404(Cloud, pk=pk, is_draft=False, tenants_bring=True)
    form = CredentialForm(request.POST if request.method == "POST" else None, cloud=cloud)
    wrong = ""
    if form.is_bound and form.is_valid():
        try:
            actions.bring(actor, cloud, values=form.cleaned_data)
        except NotPossible as refusal:
            wrong = sentence(refusal, cloud=cloud)
        else:
            return go(request, reverse("places:bring", args=[actor.tenant.slug, pk]))
    context: dict[str, Any] = {
        "cloud": cloud,
        "form": form,
        "row": listing.row_of(cloud, actor.tenant),
        "wrong": wrong,
        "section": "clouds",
        "clouds": [cloud],
    }
    status = 422 if form.is_bound else 200
    return page(request, "places/bring.html", context, fragment="form" if form.is_bound else "live", status=status)
