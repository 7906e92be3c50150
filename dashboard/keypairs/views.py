"""The pages of key pairs. A private key is in one answer, that of the request which made it, and nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.clouds.forms import mark_wrong
from dashboard.quotas.models import Resource
from dashboard.quotas.reservations import QuotaExceeded
from dashboard.quotas.usage import usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions
from .forms import GenerateForm, ImportForm, KeyPairForm
from .holders import holders_of
from .models import KeyPair

T = TypeVar("T")
NEEDS = Role.MEMBER


def url(name: str, actor: Actor, *arguments: object) -> str:
    return reverse(f"keypairs:{name}", args=[actor.tenant.slug, *arguments])


def frame(actor: Actor, **more: Any) -> dict[str, Any]:
    return {"section": "keypairs", "may_change": actor.may(NEEDS), **more}


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = list(KeyPair.objects.for_tenant(actor.tenant).select_related("created_by"))
    holders = holders_of([row.pk for row in rows])
    context = frame(
        actor,
        rows=[(row, holders.get(row.pk, [])) for row in rows],
        usage=usage_of(actor.tenant, only=(Resource.KEY_PAIRS,)),
    )
    return page(request, "keypairs/list.html", context, fragment="live")


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    row = find(actor, pk)
    context = frame(actor, key_pair=row, holders=holders_of([pk]).get(pk, []))
    return page(request, "keypairs/detail.html", context, fragment="live")


def find(actor: Actor, pk: UUID) -> KeyPair:
    row = KeyPair.objects.for_tenant(actor.tenant).select_related("created_by").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(NEEDS)
def import_key(request: HttpRequest, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        return form_page(request, actor, "keypairs/import.html", ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("name", "public_key", "key")}
        if made := attempt(form, lambda: actions.import_key(actor, **wanted)):
            messages.success(request, _("The key pair %(name)s is there. Choose it at a launch.") % {"name": made})
            return go(request, url("index", actor))
    return form_page(request, actor, "keypairs/import.html", form, status=422)


@never_cache
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(NEEDS)
def generate(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The private key is in the answer to the POST that makes it: 201, so that a dialog stays open and shows it."""
    if request.method != "POST":
        begin = {"type": request.GET.get("type")}
        return form_page(request, actor, "keypairs/generate.html", GenerateForm(initial=begin))
    form = GenerateForm(request.POST)
    if form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("name", "key", "type")}
        if made := attempt(form, lambda: actions.generate(actor, **wanted)):
            return shown_once(request, actor, made)
    return form_page(request, actor, "keypairs/generate.html", form, status=422)


@sensitive_variables()
def shown_once(request: HttpRequest, actor: Actor, made: actions.Generated) -> HttpResponse:
    """Or, when the same request came again, that it was shown before."""
    context = frame(
        actor,
        made=made,
        form=None,
        is_for_launch=is_for_launch(request),
        file_name=f"{slugify(made.key_pair.name) or 'key'}.pem",
        encoded=base64.b64encode(made.private_key.encode()).decode(),
    )
    status = 201 if made.private_key else 200
    return page(request, "keypairs/generate.html", context, fragment="dialog", status=status)


def attempt(form: KeyPairForm, do: Callable[[], T]) -> T | None:
    """None when it was refused: the form says why."""
    try:
        return do()
    except actions.Taken as error:
        form.add_error(error.field if error.field in form.fields else "name", str(error))
    except QuotaExceeded as error:
        form.add_error(
            None,
            _("Not enough quota: %(wanted)s key pair needed and %(left)s left. Delete one that nobody needs any more.")
            % {"wanted": error.shortages[0].wanted, "left": error.shortages[0].left},
        )
    mark_wrong(form)
    return None


def form_page(
    request: HttpRequest, actor: Actor, template: str, form: KeyPairForm, *, status: int = 200
) -> HttpResponse:
    context = frame(
        actor,
        form=form,
        is_for_launch=is_for_launch(request),
        usage=usage_of(actor.tenant, adding={Resource.KEY_PAIRS: 1}, only=(Resource.KEY_PAIRS,)),
    )
    return page(request, template, context, fragment="dialog", status=status)


def is_for_launch(request: HttpRequest) -> bool:
    """Asked for by the launch form, which then has it chosen."""
    return "for-launch" in (request.POST or request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(NEEDS)
def delete(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """GET asks, naming the instances that have it; POST does it."""
    row = find(actor, pk)
    if request.method != "POST":
        context = frame(actor, key_pair=row, holders=holders_of([pk]).get(pk, []))
        return page(request, "keypairs/confirm.html", context, fragment="dialog")
    with suppress(KeyPair.DoesNotExist):  # somebody else was first
        actions.delete(actor, pk)
    return answer(request, url("index", actor), _("The key pair %(name)s is deleted.") % {"name": row})
