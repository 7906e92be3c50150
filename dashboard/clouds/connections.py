"""The administrator's pages of clouds: connect, test, edit, use. They read rows and never call a cloud."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Tenant
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions, pasting, registry
from .findings import Text, words_for, words_for_reading
from .forms import ConnectionForm, PasteForm, form_class, mark_wrong
from .interface import ConnectionField, FindingState
from .models import Cloud, Fetched
from .pasting import Found, PasteError

PASTED = "pasted"
"""What was pasted waits under this name in the session, sealed, while somebody chooses from it."""
SECTION = {"section": "connections"}


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    clouds = Cloud.objects.annotate(
        tenants=Count("accounts", distinct=True),
        present=Count("instances", filter=Q(instances__deleted_at=None), distinct=True),
    )
    return page(request, "connections/list.html", {"clouds": list(clouds), **SECTION}, fragment="live")


# --- connect -----------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def connect(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """Paste, or choose a kind and fill the form."""
    form = PasteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            found = pasting.read(form.cleaned_data["text"])
        except PasteError as error:
            form.add_error("text", pasting.sentence(error.note))
        else:
            return take(request, administrator, found)
    mark_wrong(form)
    context = {"form": form, "kinds": list(registry.KINDS), **SECTION}
    status = 422 if form.is_bound else 200
    return page(request, "connections/connect.html", context, fragment="wrong", status=status)


def take(request: HttpRequest, administrator: Administrator, found: list[Found]) -> HttpResponse:
    """Of one cloud a draft is made at once; of several it is asked which."""
    if len(found) == 1:
        return begin(request, administrator, draft_of(administrator, found[0]), needs_more=found[0].needs_more)
    request.session[PASTED] = pasting.seal(found)
    return go(request, reverse("connections:choose"))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def choose(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """Which of the clouds that were pasted; each chosen one becomes a draft and is tested."""
    if PASTED not in request.session:
        return go(request, reverse("connections:connect"))
    found = pasting.unseal(request.session[PASTED])
    chosen = [one for number, one in enumerate(found) if str(number) in request.POST.getlist("chosen")]
    if request.method != "POST" or not chosen:
        ticked = [] if request.method == "POST" else pasting.first_of_each(found)
        context = {"found": found, "ticked": ticked, "is_empty": request.method == "POST", **SECTION}
        return page(request, "connections/choose.html", context, status=422 if request.method == "POST" else 200)
    del request.session[PASTED]
    clouds = [draft_of(administrator, one) for one in chosen]
    if len(chosen) == 1:
        return begin(request, administrator, clouds[0], needs_more=chosen[0].needs_more)
    for cloud, one in zip(clouds, chosen, strict=True):
        if not one.needs_more:
            actions.ask_for_test(cloud)
    return go(request, reverse("connections:index"))


def draft_of(administrator: Administrator, found: Found) -> Cloud:
    settings, hidden = actions.split(pasting.KIND, found.settings)
    return actions.connect(
        administrator,
        name=actions.free_name(found.name),
        kind=pasting.KIND,
        settings=settings,
        hidden=hidden,
        findings=found.findings,
    )


def begin(
    request: HttpRequest, administrator: Administrator, cloud: Cloud, *, needs_more: bool = False
) -> HttpResponse:
    """Straight to the test, or to what has still to be filled in."""
    if needs_more:
        return go(request, reverse("connections:edit", args=[cloud.pk]))
    actions.ask_for_test(cloud)
    return go(request, reverse("connections:detail", args=[cloud.pk]))


# --- the form ------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def create(request: HttpRequest, administrator: Administrator, kind: str) -> HttpResponse:
    """A connection filled in by hand."""
    if kind not in registry.KINDS:
        raise Http404
    form = form_class(kind)(request.POST if request.method == "POST" else None, kind=kind)
    if not (form.is_bound and form.is_valid()):
        return form_page(request, form)
    settings, hidden = actions.split(kind, form.values())
    cloud = actions.connect(
        administrator,
        name=form.cleaned_data["name"],
        kind=kind,
        settings=settings,
        hidden=hidden,
        tenants_bring=bool(form.cleaned_data.get("tenants_bring")),
    )
    return begin(request, administrator, cloud)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def edit(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """The same form with what is stored, but for the secrets; then the test again."""
    cloud = get_object_or_404(Cloud, pk=pk)
    kept = actions.stored(cloud)
    initial = {**cloud.settings, "name": cloud.name, "tenants_bring": "yes" if cloud.tenants_bring else ""}
    given = request.POST if request.method == "POST" else None
    if given is not None and actions.is_elsewhere(cloud, given):
        kept = {}  # a secret is told to whom it was meant for: at another address it is typed again
    form = form_class(cloud.kind)(given, kind=cloud.kind, cloud=cloud, stored=set(kept), initial=initial)
    if not (form.is_bound and form.is_valid()):
        return form_page(request, form)
    settings, hidden = actions.split(cloud.kind, form.values())
    unwanted = form.unwanted()
    staying = {name: value for name, value in kept.items() if name not in unwanted}
    actions.edit(
        administrator,
        cloud,
        name=form.cleaned_data["name"],
        settings=settings,
        hidden={**staying, **hidden},
        tenants_bring=bool(form.cleaned_data.get("tenants_bring")),
    )
    return begin(request, administrator, cloud)


def form_page(request: HttpRequest, form: ConnectionForm) -> HttpResponse:
    notes = [finding for finding in form.cloud.findings if finding["step"] == "pasted"] if form.cloud else []
    typed = [name for name in form.secret_names if form.is_bound and request.POST.get(name)]
    context = {"form": form, "cloud": form.cloud, "kind": form.kind, "notes": notes, "typed_secret": typed, **SECTION}
    return page(request, "connections/form.html", context, fragment="form", status=422 if form.is_bound else 200)


# --- one cloud -------------------------------------------------------------------------


@require_safe
@admin_view
def detail(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """What the test found, and what comes next. The fragment `live` changes by itself while a worker tests."""
    cloud = get_object_or_404(Cloud, pk=pk)
    fields = registry.connection_fields(cloud.kind)
    stored = actions.stored(cloud)
    findings, left_out = findings_in_words(cloud)
    is_bad = any(one["state"] == "bad" for one in findings)
    context = {
        "cloud": cloud,
        "tab": "connection",
        "findings": findings,
        "left_out": left_out,
        "tenants": list(Tenant.objects.all()) if may_be_a_tenants(cloud) else [],
        "is_bad": is_bad,
        "is_outdated": not is_bad and is_outdated(cloud),
        "is_warned": any(one["state"] == "warning" for one in findings),
        "settings": [
            {"label": _(f.label), "value": shown(f, cloud), "secret": f.secret and f.name in stored}
            for f in fields
            if cloud.settings.get(f.name) or f.name in stored
        ],
        **SECTION,
    }
    return page(request, "connections/detail.html", context, fragment="live")


def shown(field: ConnectionField, cloud: Cloud) -> str:
    """A setting as people read it."""
    value: str = cloud.settings.get(field.name, "")
    called = field.called(value)
    return value if called == value else _(called)


ADMINISTRATORS = ("rights", "accounts")
"""The steps of a test that do well only with an administrator's credential."""


def may_be_a_tenants(cloud: Cloud) -> bool:
    """Whether a draft was tested with a credential that can be given to a tenant, and is no administrator's."""
    if not cloud.is_draft or cloud.tested_at is None or not actions.project_credential(cloud):
        return False
    return not any(one["step"] in ADMINISTRATORS and one["state"] == FindingState.OK for one in cloud.findings)


def is_outdated(cloud: Cloud) -> bool:
    """Whether the cloud was lost since the last test: what did well then says nothing of now."""
    return bool(cloud.is_away and cloud.tested_at and cloud.checked_at and cloud.tested_at < cloud.checked_at)


def findings_in_words(cloud: Cloud) -> tuple[list[dict[str, Any]], list[Text]]:
    """With the names of the steps that were not asked and have nothing to say of it."""
    found, left_out = [], []
    for finding in cloud.findings:
        if finding["step"] == "pasted":
            found.append(finding)
            continue
        words = words_for(finding["step"], finding["code"], finding["values"])
        if finding["state"] == FindingState.SKIPPED and not words.cause:
            left_out.append(words.title)
        else:
            found.append({**finding, "words": words})
    return found, left_out


@require_POST
@admin_view
def test(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    cloud = get_object_or_404(Cloud, pk=pk)
    actions.test(administrator, cloud)
    return answer(request, reverse("connections:detail", args=[pk]), "")


@require_POST
@admin_view
def use(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    cloud = get_object_or_404(Cloud, pk=pk)
    actions.use(administrator, cloud)
    messages.success(request, _("%(cloud)s is connected. Now choose who may work on it.") % {"cloud": cloud.name})
    return go(request, reverse("places:index", args=[pk]))


@require_safe
@admin_view
def capacity(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """What its hosts have and how much of it is given away, as a worker last read it."""
    cloud = get_object_or_404(Cloud, pk=pk)
    fetched = Fetched.objects.filter(cloud=cloud, what=Fetched.What.HOSTS).first()
    failure = words_for_reading(fetched.failure) if fetched else None
    context = {"cloud": cloud, "tab": "capacity", "fetched": fetched, "failure": failure, **SECTION}
    return page(request, "connections/capacity.html", context, fragment="live")


@require_POST
@admin_view
def fetch(request: HttpRequest, administrator: Administrator, pk: UUID, what: str) -> HttpResponse:
    """Ask a worker to look again."""
    if what not in Fetched.LISTS:
        raise Http404
    actions.fetch(get_object_or_404(Cloud, pk=pk, is_draft=False), what)
    back = "connections:capacity" if what == Fetched.What.HOSTS else "places:index"
    return answer(request, reverse(back, args=[pk]), "")
