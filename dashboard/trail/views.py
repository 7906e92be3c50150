"""The pages of the audit trail: a tenant's for its managers, and that of everybody for administrators. Read only."""

from __future__ import annotations

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud
from dashboard.instances.filter_fields import Scope
from dashboard.instances.models import Instance
from dashboard.instances.scope import is_uuid
from dashboard.keypairs.models import KeyPair
from dashboard.networks.models import Network, Router, SecurityGroup
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, Administrator, admin_view, tenant_view
from dashboard.tenancy.models import Role, Tenant
from dashboard.ui.fragments import page

from .exporting import FORMS
from .listing import EntryList, Row
from .tenants import named, tenants_of

PAGES: dict[str, tuple[type[Model], str]] = {
    "instance": (Instance, "instances:detail"),
    "network": (Network, "networks:detail"),
    "router": (Router, "networks:router"),
    "security-group": (SecurityGroup, "networks:group"),
    "key-pair": (KeyPair, "keypairs:detail"),
}


def entries_of(tenant: Tenant) -> QuerySet[Entry]:
    return Entry.objects.filter(tenant=str(tenant.pk))


def list_of(request: HttpRequest, actor: Actor) -> EntryList:
    scope = Scope(tenant=actor.tenant, user=actor.user, is_admin=actor.may(Role.ADMIN))
    return EntryList(entries_of(actor.tenant), request.GET, scope=scope)


def list_of_all(request: HttpRequest, administrator: Administrator) -> EntryList:
    return EntryList(Entry.objects.all(), request.GET, scope=Scope(tenant=None, user=administrator.user, is_admin=True))


@require_safe
@tenant_view(Role.MANAGER, look=True)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"list": list_of(request, actor), "section": "audit"}
    return page(request, "trail/list.html", context, fragment="live")


@require_safe
@admin_view
def index_of_all(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    context = {"list": list_of_all(request, administrator), "section": "all-audit"}
    return page(request, "trail/list.html", context, fragment="live")


# --- one entry ------------------------------------------------------------------


@require_safe
@tenant_view(Role.MANAGER, look=True)
def entry(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    found = get_object_or_404(entries_of(actor.tenant), pk=pk)
    return entry_page(request, Row(found, named(actor.tenant)), back=reverse("audit:index", args=[actor.tenant.slug]))


@require_safe
@admin_view
def entry_of_all(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    found = get_object_or_404(Entry, pk=pk)
    return entry_page(request, Row(found, tenants_of([found]).get(found.tenant)), back=reverse("audit:all"))


def entry_page(request: HttpRequest, row: Row, *, back: str) -> HttpResponse:
    context = {
        "row": row,
        "entry": row.entry,
        "back": back,
        "operation_url": operation_url(row),
        "object_url": object_url(row, is_admin=request.role == Role.ADMIN),  # type: ignore[attr-defined]
        "section": "audit" if getattr(request, "tenant", None) else "all-audit",
    }
    return page(request, "trail/entry.html", context)


def operation_url(row: Row) -> str:
    """Empty where it is not there any more."""
    pk, tenant = row.entry.operation_id, row.there
    if not is_uuid(pk) or tenant is None or not Operation.objects.for_tenant(tenant).filter(pk=pk).exists():
        return ""
    return reverse("operations:detail", args=[tenant.slug, pk])


def object_url(row: Row, *, is_admin: bool) -> str:
    """Empty where it has no page, or is not there any more."""
    kind, pk = row.entry.object_kind, row.entry.object_id
    if not is_uuid(pk):
        return ""
    if kind == "cloud" and is_admin and Cloud.objects.filter(pk=pk).exists():
        return reverse("connections:detail", args=[pk])
    tenant = row.there
    if kind not in PAGES or tenant is None:
        return ""
    model, name = PAGES[kind]
    is_there = model._default_manager.filter(pk=pk, tenant=tenant).exists()
    return reverse(name, args=[tenant.slug, pk]) if is_there else ""


# --- as a file ------------------------------------------------------------------


@require_safe
@tenant_view(Role.MANAGER, look=True)
def export(request: HttpRequest, actor: Actor, form: str) -> HttpResponseBase:
    """What the list shows with the same filter, on all its pages."""
    return file_of(list_of(request, actor), form, name=f"audit-{actor.tenant.slug}")


@require_safe
@admin_view
def export_of_all(request: HttpRequest, administrator: Administrator, form: str) -> HttpResponseBase:
    return file_of(list_of_all(request, administrator), form, name="audit")


def file_of(found: EntryList, form: str, *, name: str) -> HttpResponseBase:
    """No file where the filter is not understood: nobody would see that it has more than was asked for."""
    if form not in FORMS:
        raise Http404
    if problems := found.filter.problems:
        told = "".join(f"{token.text[:80]}: {token.problem}\n" for token in problems)
        return HttpResponse(told, content_type="text/plain; charset=utf-8", status=422)
    write, content_type = FORMS[form]
    file_name = f"{name}-{timezone.localdate().isoformat()}.{form}"
    headers = {"Content-Disposition": content_disposition_header(True, file_name) or "attachment"}
    return StreamingHttpResponse(write(found.found), content_type=content_type, headers=headers)
